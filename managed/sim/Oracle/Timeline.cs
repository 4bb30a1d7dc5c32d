// SPDX-License-Identifier: GPL-2.0-only
// When the items of a program start, sleep, wake up and finish, against what the program says.
//
// In every run nothing is earlier than is said, and the order is as said: whatever holds a thread up makes it later only.
// In a prompt run nothing is later either. Such a run may have preemptions, and stores that are seen late; but time passes
// only when nobody can run, as it does where there are processors enough. The usual run is one. What threads spin for is
// allowed for, as others may be at it meanwhile; and so is a tick of the timers' wheel.

using System;

namespace Wq.Sim;

internal static class Timeline
{
    private const long NotYet = -1;
    private const long NsPerMs = 1_000_000;
    private const long SlackNs = 100_000;
    private const nuint HistoryAt = 31; // So that two orders of what happens are two states.

    private static readonly long[] s_atNs = new long[Program.MaxItems * TimelinePlan.NrKinds];
    private static TimelinePlan s_plan = new();
    private static long s_beganNs;
    private static long s_pausedNs; // What threads have spun for before that.

    private static bool IsKept => s_plan.Moments.Count != 0 || s_plan.Orders.Count != 0;

    private static long AllowedNs => SlackNs + Kernel.PausedNs - s_pausedNs;

    public static void Reset(TimelinePlan plan)
    {
        s_plan = plan;
        Array.Fill(s_atNs, NotYet);
    }

    /// <summary>The program's threads begin now.</summary>
    public static void Begin()
    {
        s_beganNs = Kernel.NowNs;
        s_pausedNs = Kernel.PausedNs;
    }

    /// <summary>The item's function makes this call: it sleeps from when it tells so, or else when it does.</summary>
    public static void Before(int item, Verb verb)
    {
        if (verb is Verb.Tell or Verb.Sleep)
        {
            Note(item, Happening.Sleeps);
        }
    }

    public static void After(int item, Verb verb)
    {
        if (verb == Verb.Sleep)
        {
            Note(item, Happening.Wakes);
        }
    }

    /// <summary>It happens to the item now. Only the first time of each is kept.</summary>
    public static void Note(int item, Happening what)
    {
        int index = TimelinePlan.IndexOf(item, what);
        if (!IsKept || s_atNs[index] != NotYet)
        {
            return;
        }
        History.Event(HistoryAt, isWrite: true);
        s_atNs[index] = Kernel.NowNs - s_beganNs;
        foreach (Moment moment in s_plan.Moments)
        {
            if (moment.At == index)
            {
                Check(moment, s_atNs[index]);
            }
        }
        foreach (Order order in s_plan.Orders)
        {
            if (order.Second == index)
            {
                Check(order, s_atNs[index]);
            }
        }
    }

    /// <summary>All that is said has happened.</summary>
    public static void AtEnd()
    {
        foreach (Moment moment in s_plan.Moments)
        {
            if (s_atNs[moment.At] == NotYet)
            {
                Machine.Fail(TimelinePlan.Spell(moment.At) + " at no time");
            }
        }
    }

    private static void Check(in Moment moment, long atNs)
    {
        if (atNs < moment.FromMs * NsPerMs)
        {
            Machine.Fail($"{TimelinePlan.Spell(moment.At)} after {Ms(atNs)} ms, not {moment.FromMs}: too early");
        }
        if (Machine.IsPrompt && atNs > (moment.ToMs * NsPerMs) + AllowedNs)
        {
            Machine.Fail($"{TimelinePlan.Spell(moment.At)} after {Ms(atNs)} ms, not {moment.ToMs}: too late");
        }
    }

    private static void Check(in Order order, long atNs)
    {
        long firstNs = s_atNs[order.First];
        bool isSoon = order.WithinMs != TimelinePlan.Never; // By a look, which may take one item for another when it is late.
        if (isSoon && !Machine.IsPrompt)
        {
            return;
        }
        if (firstNs == NotYet)
        {
            Machine.Fail($"{TimelinePlan.Spell(order.Second)} before {TimelinePlan.Spell(order.First)}");
        }
        if (isSoon && atNs > firstNs + (order.WithinMs * NsPerMs) + AllowedNs)
        {
            Machine.Fail($"{TimelinePlan.Spell(order.Second)} {Ms(atNs - firstNs)} ms after {TimelinePlan.Spell(order.First)}, not {order.WithinMs}");
        }
    }

    private static string Ms(long ns) => ((double)ns / NsPerMs).ToString("F2", System.Globalization.CultureInfo.InvariantCulture);
}
