// SPDX-License-Identifier: GPL-2.0-only
// Addresses, values and threads in words, for traces and failures.

using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Wq.Core;
using Wq.Os;
using Wq.Timers;

namespace Wq.Sim;

internal static unsafe class Names
{
    private static readonly SortedList<int, string> s_poolFields = FieldsOf(typeof(WorkerPool));
    private static readonly SortedList<int, string> s_workerFields = FieldsOf(typeof(Worker));
    private static readonly SortedList<int, string> s_queueFields = FieldsOf(typeof(Workqueue));

    public static string Of(SimThread thread) => thread.Kind switch
    {
        ThreadKind.Main => "main",
        ThreadKind.Caller => "caller" + thread.Id,
        _ when thread.HasTimerLoop => "timer" + thread.Id,
        _ => "worker" + thread.Id,
    };

    public static string Of(in Step step)
    {
        var text = new StringBuilder(step.Verb.ToString().ToLowerInvariant());
        text.Append(step.Queue >= 0 ? " " + (char)('A' + step.Queue) : "");
        text.Append(step.Item >= 0 ? " " + Program.NameOfItem(step.Item) : "");
        text.Append(step.Jiffies != 0 ? " " + step.Jiffies : "");
        text.Append(step.Cpu >= 0 ? (step.Verb is Verb.Move or Verb.Up or Verb.Down ? " " : " on ") + step.Cpu : "");
        return text.ToString();
    }

    public static string OfWord(nuint word)
    {
        int item = Items.Of(word);
        if (item >= 0)
        {
            nuint offset = word - (nuint)Items.WorkOf(item);
            return Program.NameOfItem(item) + (offset == 0 ? ".Data" : offset >= (nuint)sizeof(Work) ? ".Timer+" + (offset - (nuint)sizeof(Work)) : "+" + offset);
        }
        int stack = Machine.StackOwner(word);
        if (stack >= 0)
        {
            return "stack of thread " + stack;
        }
        return OfSlot(word) ?? Statics.NameOf(word) ?? (IsHeap(word) ? "heap+" + (word - Heap.Start) : "word");
    }

    public static string OfValue(nuint word, ulong value)
    {
        int item = Items.Of(word);
        if (item >= 0 && word == (nuint)Items.WorkOf(item))
        {
            return OfState((nuint)value);
        }
        int named = Items.Of((nuint)(value & ~7UL));
        if (named >= 0)
        {
            return Program.NameOfItem(named) + ((value & 7) != 0 ? "|" + (value & 7) : "");
        }
        return value < 4096 ? value.ToString() : (int)value < 0 && value <= uint.MaxValue ? ((int)value).ToString() : OfWord((nuint)value);
    }

    /// <summary>Who stands where, for a run that does not go on.</summary>
    public static string Standing()
    {
        var text = new StringBuilder();
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            SimThread thread = Machine.ThreadAt(id);
            if (!thread.IsAlive)
            {
                continue;
            }
            text.Append("\n    ").Append(Of(thread)).Append(thread.State switch
            {
                ThreadState.OnFutex => " sleeps on " + OfWord(thread.WaitsOn),
                ThreadState.OnJoin => " waits for the end of " + Of(Machine.ThreadAt((int)thread.WaitsOn)),
                ThreadState.OnTimer => " waits for its timer",
                ThreadState.Asleep => " sleeps for a time",
                _ => " could run",
            });
            for (Call? call = thread.Call; call != null; call = call.Outer)
            {
                text.Append(" in ").Append(Of(call.Step));
            }
        }
        return text.ToString();
    }

    private static string OfState(nuint data)
    {
        var text = new StringBuilder();
        var word = new WorkWord(data);
        PoolWorkqueue* pwq = PoolWorkqueue.Of(word);
        text.Append(pwq == null ? "-" : OfWord((nuint)pwq));
        for (Place place = Place.Queued; place <= Place.Moving; place++)
        {
            text.Append(word.IsAt(place) ? "|" + place : "");
        }
        text.Append(word.HasWaiters ? "|WAITERS" : "");
        return text.ToString();
    }

    private static string? OfSlot(nuint word)
    {
        foreach ((string what, SortedList<int, string> fields, nuint slots) in Regions())
        {
            var region = (TypeStable*)slots;
            for (nuint i = 1; i <= 16; i++)
            {
                var slot = (nuint)TypeStable.At(region, i);
                nuint next = (nuint)TypeStable.At(region, i + 1);
                nuint bytes = next > slot && next - slot < 1024 ? next - slot : 512; // The next may be in another chunk.
                if (slot != 0 && word >= slot && word < slot + bytes)
                {
                    return what + (i - 1) + FieldAt(fields, (int)(word - slot));
                }
            }
        }
        return null;
    }

    private static IEnumerable<(string What, SortedList<int, string> Fields, nuint Slots)> Regions() =>
    [
        ("pool", s_poolFields, (nuint)WorkerPool.Slots),
        ("worker", s_workerFields, (nuint)Worker.Slots),
        ("link", [], (nuint)PoolWorkqueue.Slots),
        ("queue", s_queueFields, (nuint)SlotsOf(typeof(Workqueue))),
    ];

    private static void* SlotsOf(Type type)
    {
        MethodInfo slots = type.GetProperty("Slots", BindingFlags.Static | BindingFlags.NonPublic)!.GetMethod!;
        return Pointer.Unbox(slots.Invoke(null, null)!);
    }

    private static string FieldAt(SortedList<int, string> fields, int offset)
    {
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            if (fields.Keys[i] <= offset)
            {
                int within = offset - fields.Keys[i];
                return "." + fields.Values[i].TrimStart('_') + (within != 0 ? "+" + within : "");
            }
        }
        return offset != 0 ? "+" + offset : "";
    }

    private static SortedList<int, string> FieldsOf(Type type)
    {
        var fields = new SortedList<int, string>();
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (field.GetCustomAttribute<FieldOffsetAttribute>() is { } at)
            {
                fields[at.Value] = field.Name;
            }
        }
        return fields;
    }

    private static bool IsHeap(nuint word) => word - Heap.Start < 1 << 20;
}
