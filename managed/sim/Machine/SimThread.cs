// SPDX-License-Identifier: GPL-2.0-only
// A simulated thread: what the scheduler, the C library and the store buffer know of it.
//
// Owned by Machine, which makes all of them once and resets them for every run.

using System.Runtime.InteropServices;
using Wq.Os;

namespace Wq.Sim;

internal enum ThreadState
{
    Ready,
    OnFutex, // WaitsOn is the word.
    OnJoin,  // WaitsOn is the number of the thread.
    OnTimer, // WaitsOn is the number of the timer.
    Asleep,  // Until WakeAtNs.
    Computing, // The same, but it has or waits for its CPU.
    Ended,
}

internal enum ThreadKind
{
    Main,    // Sets the scenario up, and takes it down.
    Caller,  // Of the scenario: calls the engine.
    Engine,  // The engine made it: a worker or a timer's thread.
}

internal sealed unsafe class SimThread(int id)
{
    public const int Max = 14;
    public const long NotPaused = long.MaxValue / 2;

    public readonly int Id = id;
    public readonly StoreBuffer Stores = new(id);
    public readonly int* InterruptDepth = (int*)NativeMemory.AllocZeroed(64);
    public ulong OnlineHeld;   // What was online when it began to hold that.
    public readonly int* CpuHolds = (int*)NativeMemory.AllocZeroed(64);

    public ThreadKind Kind;
    public ThreadState State;
    public nuint WaitsOn;
    public long WakeAtNs;
    public long ComputesFromNs; // If it computes: when it has its CPU.
    public long ComputedNs;    // All that it had, but what it computes now.
    public long PausedAt;      // The step at which it said it had nothing to do.
    public int Ops;            // Operations so far: names a moment in the thread's life.
    public ulong History;      // Hash of its last operation and all that led to it.
    public int Body;           // Which of the script's threads a caller is.
    public int Cpu;
    public ulong BoundTo;      // The CPUs it may run on, a bit each.
    public bool IsJoined;      // Its number is not a thread's any more.
    public bool HasTimerLoop;  // Never ends: it does not keep a run from being over.
    public Errno Errno;
    public void* CurrentWorker;
    public ThreadFunc Start;
    public void* Argument;
    public Call? Call;         // The call into the engine it is inside of.
    public Queueing? Unpublished; // The last one that others cannot know of yet.
    public nuint WantsLock;    // The mutex it is trying to lock.
    public Held Locks;

    public bool IsAlive => State != ThreadState.Ended;

    /// <summary>Moves it, if it is elsewhere, to the lowest of these CPUs.</summary>
    public void BindTo(ulong cpus)
    {
        BoundTo = cpus;
        Cpu = (cpus & (1UL << Cpu)) != 0 ? Cpu : (int)ulong.TrailingZeroCount(cpus);
    }

    public void Reset(ThreadKind kind)
    {
        Kind = kind;
        State = ThreadState.Ready;
        WaitsOn = 0;
        WakeAtNs = 0;
        ComputesFromNs = 0;
        ComputedNs = 0;
        PausedAt = NotPaused;
        Ops = 0;
        History = (ulong)Id;
        Body = 0;
        Cpu = 0;
        BoundTo = ulong.MaxValue;
        IsJoined = false;
        HasTimerLoop = false;
        Errno = Errno.None;
        CurrentWorker = null;
        Start = null;
        Argument = null;
        Call = null;
        Unpublished = null;
        WantsLock = 0;
        Locks = default;
        *InterruptDepth = 0;
        *CpuHolds = 0;
        Stores.Clear();
    }
}
