// SPDX-License-Identifier: GPL-2.0-only
//
// Kernel-doc to XML documentation: the first line is the summary, "@name:" a parameter, "Return:" the result,
// and everything else, "Context:" and "Memory:" included, a paragraph of the remarks.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Workqueues.Bindings;

internal sealed partial class KernelDoc
{
    private const int LineLength = 90;

    private readonly List<(string Tag, List<string> Lines)> _sections = [];

    private KernelDoc(string text)
    {
        Text = text;
        foreach (string raw in text.Split('\n'))
        {
            string line = Leader().Replace(raw, "").TrimEnd();
            if (Section().Match(line) is { Success: true } section)
                _sections.Add((section.Groups["tag"].Value.Trim(':', ' '), [line[section.Length..].Trim()]));
            else if (line.Length == 0 || _sections.Count == 0)
                _sections.Add(("", line.Length == 0 ? [] : [line]));
            else
                _sections[^1].Lines.Add(line.Trim());
        }
        _sections.RemoveAll(s => s.Lines.Count == 0);
        // A line of running text that begins so would be taken for a parameter.
        if (_sections.Where(s => s.Tag.StartsWith('@')).CountBy(s => s.Tag).FirstOrDefault(c => c.Value > 1).Key is { } tag)
            throw new FormatException($"{tag} is described twice in the comment \"{Summary}\".");
    }

    /// <summary>No comment.</summary>
    public static KernelDoc None { get; } = new("");

    /// <summary>The comment as it stands in the header.</summary>
    public string Text { get; }

    /// <summary>The comment that ends where the declaration at the offset begins, or none.</summary>
    public static KernelDoc Before(string header, int offset)
    {
        string before = header[..offset].TrimEnd();
        if (!before.EndsWith("*/", StringComparison.Ordinal))
            return None;
        int start = before.LastIndexOf("/*", StringComparison.Ordinal);
        return before[start..].StartsWith("/**", StringComparison.Ordinal)
            ? new(Decode(before[(start + "/**".Length)..^"*/".Length]).Trim())
            : None;
    }

    /// <summary>The comment behind something on the same line, or an empty string.</summary>
    public static string LineComment(string header, int offset)
    {
        int end = header.IndexOf('\n', offset);
        Match match = Trailing().Match(Decode(header[offset..end]));
        return match.Success ? match.Groups[1].Value : "";
    }

    /// <summary>What the first line says, without the name before it.</summary>
    public string Summary => _sections.Count == 0
        ? ""
        : FirstName().Replace(string.Join(' ', _sections[0].Lines), "").Trim();

    /// <summary>What is said of a parameter or field, or an empty string.</summary>
    public string Of(string name) =>
        string.Join(' ', _sections.Where(s => s.Tag == "@" + name).SelectMany(s => s.Lines));

    /// <summary>The functions that the Return section refers to with "as NAME()".</summary>
    public IEnumerable<string> ReturnsAs() =>
        Reference().Matches(string.Join(' ', Returns())).Select(m => m.Groups[1].Value);

    /// <summary>Writes the comment as XML documentation, indented by so many spaces.</summary>
    public void WriteTo(StringBuilder output, string indent, IEnumerable<string> parameters)
    {
        if (Summary.Length > 0)
            Block(output, indent, "summary", "", [[.. Wrapped(Sentence(Summary))]]);
        foreach (string name in parameters.Where(p => Of(p).Length > 0))
            Block(output, indent, "param", $" name=\"{CTypes.Camel(name).TrimStart('@')}\"", [[.. Wrapped(Of(name))]]);
        if (Returns().FirstOrDefault() is not (null or "nothing."))
            Block(output, indent, "returns", "", [[.. Returns().Select(Escape)]]);
        List<List<string>> remarks = _sections.Skip(1)
            .Where(s => s.Tag is "" or "Context" or "Memory")
            .Select(s => s.Lines.Select((l, i) => Escape(i == 0 && s.Tag != "" ? $"{s.Tag}: {l}" : l)).ToList())
            .ToList();
        if (remarks.Count > 0)
            Block(output, indent, "remarks", "", remarks);
    }

    /// <summary>Writes one line of summary.</summary>
    public static void Line(StringBuilder output, string indent, string text)
    {
        if (text.Length > 0)
            Block(output, indent, "summary", "", [[.. Wrapped(Sentence(text))]]);
    }

    private IEnumerable<string> Returns() => _sections.Where(s => s.Tag == "Return").SelectMany(s => s.Lines)
        .Select(l => l.StartsWith("nothing; ", StringComparison.Ordinal) ? l["nothing; ".Length..] : l);

    private static void Block(
        StringBuilder output, string indent, string tag, string attribute, List<List<string>> paragraphs)
    {
        if (paragraphs is [[string only]])
        {
            output.Append($"{indent}/// <{tag}{attribute}>{only}</{tag}>\n");
            return;
        }
        output.Append($"{indent}/// <{tag}{attribute}>\n");
        foreach (List<string> lines in paragraphs)
        {
            bool many = paragraphs.Count > 1;
            for (int i = 0; i < lines.Count; i++)
            {
                string open = many && i == 0 ? "<para>" : "";
                string close = many && i == lines.Count - 1 ? "</para>" : "";
                output.Append($"{indent}/// {open}{lines[i]}{close}\n");
            }
        }
        output.Append($"{indent}/// </{tag}>\n");
    }

    private static List<string> Wrapped(string text)
    {
        List<string> lines = [""];
        foreach (string word in Escape(text).Split(' '))
        {
            if (lines[^1].Length + word.Length > LineLength)
                lines.Add(word);
            else
                lines[^1] += lines[^1].Length == 0 ? word : " " + word;
        }
        return lines;
    }

    private static string Sentence(string text)
    {
        if (PlainWord().IsMatch(text)) // the name of a function stays as it is
            text = char.ToUpperInvariant(text[0]) + text[1..];
        return text[^1] is '.' or '?' or '!' ? text : text + ".";
    }

    private static string Escape(string text)
    {
        text = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
        return Argument().Replace(text, "<c>$1</c>");
    }

    private static string Decode(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));

    [GeneratedRegex(@"^\s*\*?\s?")]
    private static partial Regex Leader();

    [GeneratedRegex(@"^(?<tag>@\w+:|Return:|Context:|Memory:)")]
    private static partial Regex Section();

    [GeneratedRegex(@"^(struct |enum |typedef )?\w*(\(\))? ?- ")]
    private static partial Regex FirstName();

    [GeneratedRegex(@"@(\w+(?:(?:\.|->)\w+)*)")]
    private static partial Regex Argument();

    [GeneratedRegex(@"^[a-z]+([ ;,]|$)")]
    private static partial Regex PlainWord();

    [GeneratedRegex(@"\bas (\w+)\(\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^[ ,]*/\*+ *(.*?) *\*/")]
    private static partial Regex Trailing();
}
