// SPDX-License-Identifier: GPL-2.0-only
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Workqueues.Bindings;

/// <summary>The comments of headers. The parser is a script that the manual pages are made with, too.</summary>
internal sealed class Comments
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    private readonly List<KernelDoc> _entries;

    private Comments(List<KernelDoc> entries) => _entries = entries;

    /// <summary>Has the script parse the headers.</summary>
    public static Comments Read(string script, IEnumerable<string> headers)
    {
        using var json = JsonDocument.Parse(Tool.Run("python3", [script, .. headers]));
        return new(json.RootElement.GetProperty("entries").Deserialize<List<KernelDoc>>(s_options)!);
    }

    /// <summary>The comment before a "function", "struct" or "enum", if there is one.</summary>
    public KernelDoc Of(string kind, string? name) =>
        _entries.Find(e => e.Kind == kind && e.Name == name) ?? KernelDoc.None;

    /// <summary>The comment behind a constant of an enum, or an empty string.</summary>
    public string OfConstant(string name) =>
        _entries.Select(e => e.Constants.GetValueOrDefault(name)).FirstOrDefault(text => text != null) ?? "";
}
