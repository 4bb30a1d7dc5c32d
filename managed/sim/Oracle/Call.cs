// SPDX-License-Identifier: GPL-2.0-only
// A call into the engine under way, and a queueing it made: the oracle's records.
// Taken from a stock made once, since a run allocates nothing.

using System;
using Wq.Os;

namespace Wq.Sim;

internal enum QueueingState
{
    InCall,   // Its caller has turned PENDING on, and the call has not returned.
    Accepted, // The call has returned true.
    Claimed,  // The worker has turned PENDING off.
    Running,
    Done,
    Grabbed,  // A canceller holds it.
    Cancelled,
    Moved,    // A call of mod_delayed_work() took it: what becomes of it is another queueing.
    Undone,   // The engine refused it after all.
}

/// <summary>One acceptance of an item: it is to run once or to be cancelled once.</summary>
internal sealed class Queueing
{
    public int Item;
    public int Queue;
    public nuint Pool;        // The link its word names.
    public bool IsDelayed;
    public bool IsArmed;      // With its timer.
    public long NotBeforeNs;  // The call began, and the delay.
    public long DueNs;        // The call took the item, and the delay.
    public int Caller;
    public int BeganAt;
    public int ReturnedAt;    // To its caller.
    public int PublishedAt;   // For the others: when the caller's stores until then had drained.
    public int ClaimedAt;
    public int RunsOn;
    public QueueingState State;
    public Queueing? Parent;  // The run of an item that made it.

    public bool IsOutstanding => State is QueueingState.InCall or QueueingState.Accepted;

    /// <summary>Had the call that made it returned when another began, made by thread <paramref name="caller"/>?</summary>
    public bool IsBefore(int began, int caller) => (caller == Caller ? ReturnedAt : PublishedAt) < began;

    public bool IsUnderWay => State is QueueingState.Claimed or QueueingState.Running;
}

/// <summary>A call that has begun and not returned.</summary>
internal sealed class Call
{
    public Step Step;
    public Call? Outer;
    public int BeganAt;
    public long BeganNs;
    public int GrabbedAt;
    public int QueueAtGrab;
    public int NrStolen;
    public int NrMoved;
    public Queueing? Moved; // What the call took last to re-time it.
    public bool WasRefused;
    public Queueing? Queueing;
    public bool IsOnlyOne;     // No other call disabled or enabled the item when it began,
    public int DepthCall;      // and it was the such call of that number.
    public bool MustBeRefused; // When it began its queue was being drained.
    public Errno Error;        // Of a call about CPUs, and what follows:
    public int Nr;             // How many it says have come or gone.
    public int NrCpuCall;      // Among those calls.
    public bool IsAlone;       // None has overlapped it.
    public ulong OnlineBefore;
}

internal static class Records
{
    private const int NrCalls = 512;
    private const int NrQueueings = 512;

    private static readonly Call[] s_calls = Make<Call>(NrCalls);
    private static readonly Queueing[] s_queueings = Make<Queueing>(NrQueueings);
    private static int s_nrCalls;
    private static int s_nrQueueings;

    public static ReadOnlySpan<Queueing> Queueings => s_queueings.AsSpan(0, s_nrQueueings);

    public static void Reset()
    {
        s_nrCalls = 0;
        s_nrQueueings = 0;
    }

    public static Call TakeCall()
    {
        if (s_nrCalls == NrCalls)
        {
            Machine.Fail("more calls than the oracle has records for");
        }
        return s_calls[s_nrCalls++];
    }

    public static Queueing TakeQueueing()
    {
        if (s_nrQueueings == NrQueueings)
        {
            Machine.Fail("more queueings than the oracle has records for");
        }
        return s_queueings[s_nrQueueings++];
    }

    private static T[] Make<T>(int nr)
        where T : new()
    {
        var all = new T[nr];
        for (int i = 0; i < nr; i++)
        {
            all[i] = new T();
        }
        return all;
    }
}
