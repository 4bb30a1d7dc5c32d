// SPDX-License-Identifier: GPL-2.0-only
using System;

namespace Workqueues;

/// <summary>What C calls a struct or a field of the generated declarations.</summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
internal sealed class NativeNameAttribute(string name) : Attribute
{
    /// <summary>The C name.</summary>
    public string Name { get; } = name;
}
