// SPDX-License-Identifier: GPL-2.0-only
// Copies the engine's sources with the bugs of breaks.txt planted, each behind a
// switch, so that one build serves all of them. Planted.Which switches one on.

using System;
using System.Collections.Generic;
using System.IO;

namespace Wq.Sim;

/// <summary>The bug that is switched on, by its place in breaks.txt; none in the engine's own sources.</summary>
internal static class Planted
{
    public const int None = -1;

    public static int Which = None;
}

internal sealed record Edit(string File, string Old, string New);

internal sealed record Break(string Name, string About, string Scenario, bool IsRare, List<Edit> Edits);

internal static class Planter
{
    private static readonly string[] s_folders = ["Base", "Os", "Timers", "Core"];

    public static List<Break> Read(string path)
    {
        var breaks = new List<Break>();
        string[] lines = File.ReadAllLines(path);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] words = lines[i].Split(' ', 3);
            switch (words[0])
            {
                case "bug":
                    string[] where = lines[++i].Split(' ');
                    breaks.Add(new Break(words[1], words[2], where[1], where.Length > 2, []));
                    break;
                case "file":
                    i += 2;
                    string old = TextUntil(lines, ref i, "+++");
                    breaks[^1].Edits.Add(new Edit(words[1], old, TextUntil(lines, ref i, "...")));
                    i--;
                    break;
            }
        }
        return breaks;
    }

    public static void Plant(List<Break> breaks, string from, string to)
    {
        foreach (string folder in s_folders)
        {
            Copy(Path.Combine(from, folder), Path.Combine(to, folder));
        }
        for (int i = 0; i < breaks.Count; i++)
        {
            foreach (Edit edit in breaks[i].Edits)
            {
                Apply(edit, breaks[i].Name, i, Path.Combine(to, edit.File));
            }
        }
    }

    // What was there before goes: a file may have moved.
    private static void Copy(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }
        foreach (string file in Directory.GetFiles(from, "*.cs", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static void Apply(Edit edit, string name, int number, string path)
    {
        string text = File.ReadAllText(path);
        int at = text.IndexOf(edit.Old, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(edit.Old, at + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidDataException($"{name}: the text to replace is not in {edit.File} exactly once:\n{edit.Old}");
        }
        string planted = edit.New.Replace("PLANTED", $"(global::Wq.Sim.Planted.Which == {number})", StringComparison.Ordinal);
        File.WriteAllText(path, text[..at] + planted + text[(at + edit.Old.Length)..]);
    }

    private static string TextUntil(string[] lines, ref int i, string end)
    {
        int first = i;
        while (lines[i] != end)
        {
            i++;
        }
        return string.Join('\n', lines[first..i++]);
    }
}
