// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace Workqueues.Bindings;

/// <summary>Maps C types, as clang spells them, to blittable C# types.</summary>
internal sealed partial class CTypes(Header header)
{
    private static readonly Dictionary<string, string> s_basic = new()
    {
        ["void"] = "void",
        ["bool"] = "bool",
        ["_Bool"] = "bool",
        ["char"] = "byte",
        ["signed char"] = "sbyte",
        ["unsigned char"] = "byte",
        ["short"] = "short",
        ["unsigned short"] = "ushort",
        ["int"] = "int",
        ["unsigned int"] = "uint",
        ["long"] = "nint",
        ["unsigned long"] = "nuint",
        ["size_t"] = "nuint",
        ["int32_t"] = "int",
        ["uint32_t"] = "uint",
        ["int64_t"] = "long",
        ["uint64_t"] = "ulong",
    };

    private static readonly HashSet<string> s_keywords =
        ["base", "event", "fixed", "in", "is", "lock", "object", "operator", "out", "params", "ref", "string"];

    /// <summary><c>void (int)</c> gives <c>void</c>.</summary>
    public static string ReturnTypeOf(string functionType) => functionType[..functionType.IndexOf('(')].Trim();

    /// <summary><c>deadline_ns</c> gives <c>DeadlineNs</c>.</summary>
    public static string Pascal(string name) => string.Concat(name
        .Split('_', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));

    /// <summary><c>lock_name</c> gives <c>lockName</c>; a C# keyword is escaped.</summary>
    public static string Camel(string name)
    {
        string pascal = Pascal(name);
        string camel = char.ToLower(pascal[0], CultureInfo.InvariantCulture) + pascal[1..];
        return s_keywords.Contains(camel) ? "@" + camel : camel;
    }

    /// <summary>The C# type of a parameter, a result or a field.</summary>
    public string Map(string type)
    {
        type = Unqualified(type);
        if (s_basic.TryGetValue(type, out string? basic))
            return basic;
        if (FunctionPointer().Match(type) is { Success: true } function)
            return MapFunctionPointer(function.Groups["result"].Value, function.Groups["arguments"].Value);
        if (type.EndsWith('*'))
            return MapPointer(type[..^1]);
        if (type.StartsWith("struct ", StringComparison.Ordinal) && IsComplete(type))
            return Pascal(type["struct ".Length..]);
        if (header.Typedefs.TryGetValue(type, out string? target))
            return Map(target);
        throw new BindingException($"no C# type for \"{type}\"");
    }

    // An incomplete struct is known by its address only.
    private string MapPointer(string target)
    {
        target = Unqualified(target);
        bool isOpaque = target.StartsWith("struct ", StringComparison.Ordinal) && !target.EndsWith('*') &&
            !IsComplete(target);
        return isOpaque ? "nint" : Map(target) + "*";
    }

    // Within a function pointer nothing is marshalled: a C bool is a byte.
    private string MapFunctionPointer(string result, string arguments)
    {
        IEnumerable<string> types = arguments is "void" or ""
            ? []
            : arguments.Split(',').Select(a => Map(a.Trim()));
        return $"delegate* unmanaged[Cdecl]<{string.Join(", ", types.Append(Map(result)).Select(Blittable))}>";
    }

    private static string Blittable(string type) => type == "bool" ? "byte" : type;

    private bool IsComplete(string type) => header.Structs.Any(s => $"struct {s.Name}" == type);

    private static string Unqualified(string type)
    {
        type = type.Trim();
        foreach (string qualifier in new[] { "const ", "volatile " })
        {
            if (type.StartsWith(qualifier, StringComparison.Ordinal) && !type.Contains("(*)"))
                type = type[qualifier.Length..];
        }
        return type.EndsWith("*const", StringComparison.Ordinal) ? type[..^"const".Length] : type;
    }

    [GeneratedRegex(@"^(?<result>.+?) ?\(\*\)\((?<arguments>.*)\)$")]
    private static partial Regex FunctionPointer();
}
