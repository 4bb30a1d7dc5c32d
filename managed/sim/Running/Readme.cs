// SPDX-License-Identifier: GPL-2.0-only
// Tables of measured numbers in a Markdown file, between two marks:
// <!-- NAME --> and <!-- end of NAME -->.

using System;
using System.Collections.Generic;
using System.IO;

namespace Wq.Sim;

internal static class Readme
{
    public static void Replace(string path, string name, List<string> lines)
    {
        string text = File.ReadAllText(path);
        string begin = $"<!-- {name} -->\n";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = text.IndexOf($"<!-- end of {name} -->", StringComparison.Ordinal);
        if (from < begin.Length || to < from)
        {
            throw new InvalidDataException($"{path} has no place for {name}");
        }
        File.WriteAllText(path, text[..from] + string.Join('\n', lines) + "\n" + text[to..]);
    }
}
