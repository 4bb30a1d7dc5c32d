// SPDX-License-Identifier: GPL-2.0-only
// The story of a run, a line an operation, kept only where a failure is shown.

using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using Wq.Base;

namespace Wq.Sim;

internal static unsafe class Trace
{
    private static readonly List<string> s_lines = [];
    private static int s_lastThread = -1;

    public static bool IsOn { get; private set; }

    public static void Start()
    {
        IsOn = true;
        s_lines.Clear();
        s_lastThread = -1;
    }

    /// <summary>What was so far is not part of the story.</summary>
    public static void Forget()
    {
        s_lines.Clear();
        s_lastThread = -1;
    }

    public static string[] Stop()
    {
        IsOn = false;
        return [.. s_lines];
    }

    public static void Access(SimThread self, Operation operation, nuint word, ulong old, ulong value, in Site site)
    {
        if (IsOn)
        {
            string change = operation == Operation.Load ? Names.OfValue(word, old)
                : old == value && operation == Operation.CompareExchange ? "still " + Names.OfValue(word, old)
                : Names.OfValue(word, old) + " -> " + Names.OfValue(word, value);
            string place = Path.GetFileName(site.File) + ":" + site.Line + " " + site.Member;
            Add(self, $"{Spelled(operation),-16} {Names.OfWord(word)}: {change}", place);
        }
    }

    public static void Call(SimThread self, Operation operation, nuint word)
    {
        if (IsOn)
        {
            Add(self, word == 0 ? Spelled(operation) : $"{Spelled(operation),-16} {Names.OfWord(word)}", "");
        }
    }

    /// <summary>Adds to the last line how the operation came out.</summary>
    public static void Result(string result)
    {
        if (IsOn)
        {
            s_lines[^1] += "  (" + result + ")";
        }
    }

    public static void Drained(SimThread owner, nuint word)
    {
        if (IsOn)
        {
            s_lines.Add($"            {Names.Of(owner)}'s store to {Names.OfWord(word)} is seen by the others");
        }
    }

    public static void TimePasses()
    {
        if (IsOn)
        {
            s_lines.Add($"            time passes: {Kernel.NowNs / 1000} us");
        }
    }

    public static void Begin(SimThread self, in Step step)
    {
        if (IsOn)
        {
            Add(self, "calls " + Names.Of(step), "");
        }
    }

    public static void End(SimThread self, in Step step, bool result)
    {
        if (IsOn)
        {
            Add(self, "returns from " + Names.Of(step) + (result ? ": true" : ": false"), "");
        }
    }

    public static void FunctionBegins(SimThread self, int item)
    {
        if (IsOn)
        {
            Add(self, $"the function of item {Program.NameOfItem(item)} begins", "");
        }
    }

    public static void FunctionEnds(SimThread self, int item)
    {
        if (IsOn)
        {
            Add(self, $"the function of item {Program.NameOfItem(item)} ends", "");
        }
    }

    public static void Note(SimThread self, string what)
    {
        if (IsOn)
        {
            Add(self, what, "");
        }
    }

    public static void Note(SimThread self, string what, ref Report report)
    {
        if (IsOn)
        {
            Add(self, what + ": " + Judge.TextOf(ref report), "");
        }
    }

    // A blank line where another thread goes on.
    private static void Add(SimThread self, string text, string place)
    {
        if (s_lastThread != self.Id && s_lines.Count > 0)
        {
            s_lines.Add("");
        }
        s_lastThread = self.Id;
        string indent = new(' ', 2 * DepthOf(self));
        s_lines.Add($"{Names.Of(self),-10}{self.Ops,4}  {indent + text,-78} {place}".TrimEnd());
    }

    private static int DepthOf(SimThread self) => self.Call != null ? 1 : 0;

    private static string Spelled(Operation operation) => operation switch
    {
        Operation.CompareExchange => "compare-exchange",
        Operation.FutexWait => "futex wait",
        Operation.FutexWake => "futex wake",
        Operation.Membarrier => "membarrier",
        Operation.CreateThread => "create thread",
        Operation.JoinThread => "join",
        Operation.BindThread => "bind thread",
        Operation.CreateTimer => "create timer",
        Operation.SetTimer => "set timer",
        Operation.WaitTimer => "wait for timer",
        _ => operation.ToString().ToLowerInvariant(),
    };
}
