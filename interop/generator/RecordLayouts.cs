// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Workqueues.Bindings;

/// <summary>Reads what <c>clang -fdump-record-layouts-complete</c> prints.</summary>
internal sealed partial class RecordLayouts
{
    private readonly Dictionary<string, Layout> _layouts = [];

    public RecordLayouts(string dump)
    {
        Layout? current = null;
        foreach (string line in dump.Split('\n'))
        {
            if (SizeLine().Match(line) is { Success: true } size && current != null)
                current.Size = int.Parse(size.Groups[1].Value);
            if (FieldLine().Match(line) is not { Success: true } field)
                continue;
            string what = field.Groups["what"].Value;
            int space = what.LastIndexOf(' ');
            if (field.Groups["indent"].Length == 1) // the struct itself
                _layouts[what] = current = new();
            else if (field.Groups["indent"].Length == 3 && current != null) // its own field, not one of a field's
                current.Fields.Add(new(what[(space + 1)..], what[..space], int.Parse(field.Groups["offset"].Value)));
        }
    }

    public Layout this[string name] => _layouts.TryGetValue(name, out Layout? layout)
        ? layout
        : throw new BindingException($"clang says nothing of the layout of {name}");

    [GeneratedRegex(@"^ *(?<offset>\d+) \|(?<indent> +)(?<what>.*)$")]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"^ +\| \[sizeof=(\d+), ")]
    private static partial Regex SizeLine();

    /// <summary>One field: its name, its type as the dump spells it, and where it is.</summary>
    internal readonly record struct FieldLayout(string Name, string Type, int Offset);

    /// <summary>One struct.</summary>
    internal sealed class Layout
    {
        public int Size { get; set; }

        public List<FieldLayout> Fields { get; } = [];

        public int OffsetOf(string field) => Find(field).Offset;

        public string TypeOf(string field) => Find(field).Type;

        private FieldLayout Find(string field) => Fields.Any(f => f.Name == field)
            ? Fields.First(f => f.Name == field)
            : throw new BindingException($"clang says nothing of where {field} is");
    }
}
