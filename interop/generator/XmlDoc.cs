// SPDX-License-Identifier: GPL-2.0-only
//
// Kernel-doc as XML documentation: "@name:" is a parameter, "Return:" the result, and everything else, "Memory:" and
// "Context:" included, a paragraph of the remarks.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace Workqueues.Bindings;

internal static partial class XmlDoc
{
    private const int LineLength = 90;

    /// <summary>Writes a comment, indented by so many spaces.</summary>
    public static void Write(StringBuilder output, string indent, KernelDoc doc, IEnumerable<string> parameters)
    {
        Line(output, indent, doc.Summary);
        foreach (string name in parameters.Where(p => doc.Of(p).Length > 0))
        {
            string attribute = $" name=\"{CTypes.Camel(name).TrimStart('@')}\"";
            Block(output, indent, "param", attribute, [Wrapped(doc.Of(name))]);
        }
        List<string> returns = [.. doc.Field("Return").Select(Result)];
        if (returns.FirstOrDefault() is not (null or "nothing."))
            Block(output, indent, "returns", "", [[.. returns.Select(Escape)]]);
        List<List<string>> remarks = [.. doc.Body.Select(paragraph => paragraph.Select(l => Escape(l.Trim())).ToList())];
        foreach (string field in new[] { "Memory", "Context" }.Where(doc.Fields.ContainsKey))
            remarks.Add([.. doc.Field(field).Select((l, i) => Escape(i == 0 ? $"{field}: {l}" : l))]);
        if (remarks.Count > 0)
            Block(output, indent, "remarks", "", remarks);
    }

    /// <summary>Writes one line of summary.</summary>
    public static void Line(StringBuilder output, string indent, string text)
    {
        if (text.Length > 0)
            Block(output, indent, "summary", "", [Wrapped(Sentence(text))]);
    }

    private static string Result(string line) =>
        line.StartsWith("nothing; ", StringComparison.Ordinal) ? line["nothing; ".Length..] : line;

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

    [GeneratedRegex(@"@(\w+(?:(?:\.|->)\w+)*)")]
    private static partial Regex Argument();

    [GeneratedRegex(@"^[a-z]+([ ;,]|$)")]
    private static partial Regex PlainWord();
}
