// SPDX-License-Identifier: GPL-2.0-only
// The unusual turns of a run, in order: what a replay needs and shrinking removes.
//
// A turn names the moment by the thread that was running and how many operations it
// had made, not by how far the run had come: so most turns keep their meaning when
// another one is left out. As text a turn is THREAD.OPERATIONS, a letter for the
// choice, and the answer: "2.17n3" has thread 3 go on before the 17th operation of
// thread 2.

using System;
using System.Collections.Generic;
using System.Text;

namespace Wq.Sim;

internal readonly record struct Turn(int Thread, int Ops, Choice Choice, int Answer)
{
    private const string Letters = "nbdsuf"; // By Choice; a drain is 's', seen.

    public override string ToString() => $"{Thread}.{Ops}{Letters[(int)Choice]}{Answer}";

    /// <summary>The turns in a text that Journal.ToText has made.</summary>
    public static List<Turn> Parse(string text)
    {
        var turns = new List<Turn>();
        foreach (string word in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word == Journal.None)
            {
                continue;
            }
            int dot = word.IndexOf('.');
            int letter = word.IndexOfAny(Letters.ToCharArray());
            if (dot <= 0 || letter <= dot)
            {
                throw new FormatException("not a turn: " + word);
            }
            turns.Add(new Turn(int.Parse(word[..dot]), int.Parse(word[(dot + 1)..letter]),
                (Choice)Letters.IndexOf(word[letter]), int.Parse(word[(letter + 1)..])));
        }
        return turns;
    }
}

internal static class Journal
{
    public const string None = "none";
    private const int Capacity = 32 * 1024;

    private static readonly Turn[] s_turns = new Turn[Capacity];
    private static int s_nr;

    public static void Clear() => s_nr = 0;

    public static void Add(SimThread thread, Choice choice, int answer)
    {
        if (s_nr < Capacity)
        {
            s_turns[s_nr++] = new Turn(thread.Id, thread.Ops, choice, answer);
        }
    }

    public static List<Turn> ToList() => [.. s_turns.AsSpan(0, s_nr)];

    public static string ToText(List<Turn> turns)
    {
        var text = new StringBuilder();
        foreach (Turn turn in turns)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(turn);
        }
        return text.Length == 0 ? None : text.ToString();
    }
}
