// SPDX-License-Identifier: GPL-2.0-only
// A small program against the engine: queues, items, threads, and who calls what.
//
// Written as text, a line each, so that a scenario can be read and a generated one
// printed:
//
//   cpus 3                      default 2
//   wq A percpu                 or single, freezeable; "late": a thread creates it
//   wq A shared 2               or frozenshared, intensive, unbound, ordered: alloc_workqueue(), with max_active
//   wq A rescued 2              or rescuedordered: with a rescuer
//   first: queue A x            before the threads start, by the main thread
//   0: queue A x, cancel x      a thread on CPU 0
//   x*2: queue A x              what the first two runs of item x do
//   x: queue B x; queue A x     what its first run does, and what its second
//   last: flush A               after the threads have ended
//   notifier 5 refuses 3        of that priority; says no to CPU_UP_PREPARE, or what is written there; "stops 3"
//   at 5 to 8 x sleeps          when, in milliseconds, a prompt run has that: or starts, wakes, finishes; no run has it earlier
//   then x sleeps, y starts     in this order; "within 3" says how soon, and holds in a prompt run only
//   faults                      the kernel may refuse memory, threads, descriptors
//   nothreads                   the kernel refuses all threads, from when the program's have begun to when they have ended
//   refusals                    the engine may refuse a call
//   events                      each run must see what was stored before it was asked for
//   teardown                    the end of the queues is part of the subject
//
// Queues are capital letters, items small ones. Reading this class is enough to
// write one; Interpreter runs it.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Wq.Sim;

internal enum QueueKind
{
    PerCpu,
    Single,
    Freezeable,
    Shared,
    FrozenShared,
    Intensive,
    Unbound,
    Ordered,
    Rescued,
    RescuedOrdered,
}

internal sealed class QueuePlan(QueueKind kind, int maxActive, bool isLate)
{
    public readonly QueueKind Kind = kind;
    public readonly int MaxActive = maxActive; // Of Shared and those after it.
    public readonly bool IsLate = isLate;
}

internal sealed class ThreadPlan(int cpu, Step[] steps)
{
    public readonly int Cpu = cpu;
    public readonly Step[] Steps = steps;
}

internal sealed class FunctionPlan(Step[][] runs)
{
    public readonly Step[][] Runs = runs;
}

internal sealed class NotifierPlan(int priority, int refuses, int stops)
{
    public readonly int Priority = priority;
    public readonly int Refuses = refuses; // What it says no to, or 0.
    public readonly int Stops = stops;     // What those after it do not hear, or 0.
}

internal sealed class Program
{
    public const int MaxItems = 8;
    public const int MaxQueues = 4;

    public readonly List<QueuePlan> Queues = [];
    public readonly List<ThreadPlan> Threads = [];
    public readonly List<NotifierPlan> Notifiers = [];
    public readonly FunctionPlan?[] Functions = new FunctionPlan?[MaxItems];

    public readonly TimelinePlan Timeline = new();

    public string Text { get; private init; } = "";

    public int NrCpus { get; private set; } = 2;

    public Step[] First { get; private set; } = [];

    public Step[] Last { get; private set; } = [];

    public bool HasFaults { get; private set; }

    public bool HasNoThreads { get; private set; }

    public bool AllowsRefusals { get; private set; }

    public bool ChecksEvents { get; private set; }

    public bool ExploresTeardown { get; private set; }

    public static Program Parse(string text)
    {
        var program = new Program { Text = text };
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            program.AddLine(line);
        }
        return program;
    }

    private void AddLine(string line)
    {
        int colon = line.IndexOf(':');
        if (colon < 0)
        {
            Declare(line.Split(' '));
            return;
        }
        string who = line[..colon];
        if (char.IsAsciiLetterLower(who[0]) && (who.Length == 1 || who[1] == '*'))
        {
            Functions[ItemOf(who)] = ParseFunction(who, line[(colon + 1)..]);
            return;
        }
        Step[] steps = ParseSteps(line[(colon + 1)..]);
        if (who == "first")
        {
            First = steps;
        }
        else if (who == "last")
        {
            Last = steps;
        }
        else
        {
            Threads.Add(new ThreadPlan(Number(who), steps));
        }
    }

    private static FunctionPlan ParseFunction(string who, string text)
    {
        var runs = new List<Step[]>();
        foreach (string run in text.Split(';'))
        {
            runs.Add(ParseSteps(run));
        }
        for (int left = who.Length > 1 ? Number(who[2..]) - 1 : 0; left > 0; left--)
        {
            runs.Add(runs[^1]);
        }
        return new FunctionPlan([.. runs]);
    }

    private void Declare(string[] words)
    {
        switch (words[0])
        {
            case "cpus":
                NrCpus = Number(words[1]);
                break;
            case "wq":
                int maxActive = words.Length > 3 && char.IsAsciiDigit(words[3][0]) ? Number(words[3]) : 1;
                Queues.Add(new QueuePlan(Enum.Parse<QueueKind>(words[2], ignoreCase: true), maxActive, words[^1] == "late"));
                break;
            case "notifier":
                Notifiers.Add(new NotifierPlan(Number(words[1]), NumberAfter("refuses", words), NumberAfter("stops", words)));
                break;
            case "at":
                Timeline.AddMoment(words);
                break;
            case "then":
                Timeline.AddOrder(words);
                break;
            case "faults":
                HasFaults = true;
                break;
            case "nothreads":
                HasNoThreads = true;
                break;
            case "refusals":
                AllowsRefusals = true;
                break;
            case "events":
                ChecksEvents = true;
                break;
            case "teardown":
                ExploresTeardown = true;
                break;
            default:
                throw new FormatException("no such declaration: " + words[0]);
        }
    }

    private static Step[] ParseSteps(string text)
    {
        var steps = new List<Step>();
        foreach (string call in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            steps.Add(ParseStep(call.Split(' ')));
        }
        return [.. steps];
    }

    // "queue A x", "queue A x on 1", "delay A x 2 on 1", "mod A x 0", "cancel x", "flush A", "move 1", "down 1", "allow 1", "sleep 3", "limit A 2", "freeze".
    private static Step ParseStep(string[] words)
    {
        Verb verb = Enum.Parse<Verb>(words[0], ignoreCase: true);
        int queue = -1;
        int item = -1;
        int number = 0;
        int cpu = -1;
        for (int i = 1; i < words.Length; i++)
        {
            if (words[i] == "on")
            {
                cpu = Number(words[++i]);
            }
            else if (char.IsAsciiLetterUpper(words[i][0]))
            {
                queue = words[i][0] - 'A';
            }
            else if (char.IsAsciiLetterLower(words[i][0]))
            {
                item = ItemOf(words[i]);
            }
            else
            {
                number = Number(words[i]);
            }
        }
        return verb is Verb.Move or Verb.Up or Verb.Down ? new Step(verb, Cpu: number) : new Step(verb, queue, item, cpu, number);
    }

    // Items are the letters from the end of the alphabet, then from its start: x y z a b c d e.
    public static int ItemOf(string word) => (word[0] - 'x' + 26) % 26;

    public static char NameOfItem(int item) => (char)('a' + ((item + 23) % 26));

    public static int NumberAfter(string word, string[] words)
    {
        int at = Array.IndexOf(words, word);
        return at >= 0 ? Number(words[at + 1]) : 0;
    }

    public static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
