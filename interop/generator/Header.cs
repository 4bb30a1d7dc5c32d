// SPDX-License-Identifier: GPL-2.0-only
using System.Collections.Generic;

namespace Workqueues.Bindings;

/// <summary>What the header declares, in its order.</summary>
internal sealed class Header
{
    public List<Function> Functions { get; } = [];

    public List<Struct> Structs { get; } = [];

    public List<Enumeration> Enumerations { get; } = [];

    /// <summary>Typedef names and what they stand for, one step.</summary>
    public Dictionary<string, string> Typedefs { get; } = [];

    /// <summary>What has no C# counterpart, with the reason.</summary>
    public List<string> Skipped { get; } = [];

    public CTypes Types => new(this);
}

/// <summary>A function and the comment before it.</summary>
internal sealed record Function(string Name, string ReturnType, List<Parameter> Parameters, KernelDoc Doc);

/// <summary>A parameter as C has it.</summary>
internal sealed record Parameter(string Name, string Type);

/// <summary>A complete struct, with clang's size and offsets.</summary>
internal sealed record Struct(string Name, int Size, List<Field> Fields, KernelDoc Doc);

/// <summary>A field; a struct without a name of its own is nested in it.</summary>
internal sealed record Field(string Name, string Type, int Offset, Struct? Unnamed);

/// <summary>An enum. Without a name it is a group of constants.</summary>
internal sealed record Enumeration(string? Name, List<Constant> Constants, KernelDoc Doc);

/// <summary>One constant and the comment behind it.</summary>
internal sealed record Constant(string Name, string Value, string Comment);
