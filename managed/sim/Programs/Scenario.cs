// SPDX-License-Identifier: GPL-2.0-only
// A program with a name, or a family of generated ones.

using System;

namespace Wq.Sim;

internal class Scenario(string name, string about, string text)
{
    private Script? _script;

    public string Name { get; } = name;

    public string About { get; } = about;

    /// <summary>Small enough to be searched through with a bound of two.</summary>
    public virtual bool IsSearchable => true;

    public virtual string TextFor(ulong seed) => text;

    public virtual Script ScriptFor(ulong seed) => _script ??= new Interpreter(Program.Parse(text));
}
