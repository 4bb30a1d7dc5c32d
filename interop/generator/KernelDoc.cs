// SPDX-License-Identifier: GPL-2.0-only
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Workqueues.Bindings;

/// <summary>What the comment before a declaration says, as native/man/kernel_doc.py prints it.</summary>
internal sealed partial class KernelDoc
{
    /// <summary>No comment.</summary>
    public static KernelDoc None { get; } = new();

    public string Kind { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>What the first line says, without the name before it.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Lines on each parameter or member.</summary>
    public Dictionary<string, List<string>> Params { get; init; } = [];

    /// <summary>Lines behind "Context:", "Memory:" and "Return:".</summary>
    public Dictionary<string, List<string>> Fields { get; init; } = [];

    /// <summary>Paragraphs of lines.</summary>
    public List<List<string>> Body { get; init; } = [];

    /// <summary>What stands behind each constant of an enum.</summary>
    public Dictionary<string, string> Constants { get; init; } = [];

    /// <summary>What is said of a parameter or member, or an empty string.</summary>
    public string Of(string name) => string.Join(' ', Params.GetValueOrDefault(name, []));

    /// <summary>The lines behind "Context:", "Memory:" or "Return:", or none.</summary>
    public List<string> Field(string name) => Fields.GetValueOrDefault(name, []);

    /// <summary>Does a word stand anywhere in the comment?</summary>
    public bool Mentions(string word) => Params.Values.Concat(Fields.Values).Concat(Body).SelectMany(l => l)
        .Append(Summary).Any(line => Regex.IsMatch(line, $@"\b{word}\b"));

    /// <summary>The functions that "Return:" refers to with "as NAME()".</summary>
    public IEnumerable<string> ReturnsAs() =>
        Reference().Matches(string.Join(' ', Field("Return"))).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\bas (\w+)\(\)")]
    private static partial Regex Reference();
}
