// SPDX-License-Identifier: GPL-2.0-only
// The notifier blocks that are told of CPUs that come and go, by priority.
//
// Blocks of one priority are called in the order they were registered. The queues
// themselves are told as one block among others (Hotplug), so what is called before
// and after them follows from priorities, as in the kernel.
//
// Invariant: the chain is read and changed in a transition, by the thread that makes
// it; each change is one store, after which the chain is whole, so a fork at any
// moment leaves the child a good one. No lock of the engine is held during a call but
// the transition itself. Kernel counterparts: cpu_chain, raw_notifier_chain_register,
// __raw_notifier_call_chain.

global using unsafe NotifierFunc = delegate* unmanaged[SuppressGCTransition]<Wq.Core.NotifierBlock*, nuint, void*, int>;
using System.Runtime.InteropServices;
using Wq.Os;

namespace Wq.Core;

/// <summary>The kernel's struct notifier_block; the caller's memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NotifierBlock
{
    public NotifierFunc NotifierCall;
    public NotifierBlock* Next; // A: by the thread that makes a transition
    public int Priority;
}

/// <summary>What a block's "no" does.</summary>
internal enum Veto
{
    Counts,
    IsIgnored,
}

internal static unsafe class CpuNotifier
{
    // What happened: linux/cpu.h.
    public const int CPU_ONLINE = 2;
    public const int CPU_UP_PREPARE = 3;
    public const int CPU_UP_CANCELED = 4;
    public const int CPU_DOWN_PREPARE = 5;
    public const int CPU_DOWN_FAILED = 6;
    public const int CPU_DEAD = 7;
    public const int CPU_DYING = 8;

    // What a block answers: linux/notifier.h.
    public const int NOTIFY_OK = 1;
    private const int NOTIFY_STOP_MASK = 0x8000;
    private const int NOTIFY_BAD = NOTIFY_STOP_MASK | 2;

    private static NotifierBlock* s_chain;

    /// <summary>Puts a block behind those of its priority. Context: in a transition, or before the first.</summary>
    /// <returns>None, or EEXIST if it is there already.</returns>
    public static Errno Register(NotifierBlock* block)
    {
        ref NotifierBlock* place = ref s_chain;
        for (NotifierBlock* other = s_chain; other != null; other = other->Next)
        {
            if (other == block)
            {
                return Errno.EEXIST;
            }
            if (other->Priority >= block->Priority)
            {
                place = ref other->Next;
            }
        }
        block->Next = place;
        place = block;
        return Errno.None;
    }

    /// <summary>Takes a block off: it is called no more. Context: in a transition.</summary>
    /// <returns>None, or ENOENT if it is not there.</returns>
    public static Errno Unregister(NotifierBlock* block)
    {
        ref NotifierBlock* link = ref s_chain;
        while (link != null && link != block)
        {
            link = ref link->Next;
        }
        if (link == null)
        {
            return Errno.ENOENT;
        }
        link = block->Next;
        return Errno.None;
    }

    /// <summary>Tells everybody; one may stop the rest from being told, and that is all.</summary>
    public static void Call(int what, int cpu)
    {
        NotifierBlock* last;
        Call(what, cpu, until: null, Veto.Counts, &last);
    }

    /// <summary>Tells everybody in a place where nobody may block, and nobody may stop it.</summary>
    public static void CallAtomic(int what, int cpu)
    {
        NotifierBlock* last;
        ++*ThreadLocals.InterruptDepth();
        Call(what, cpu, until: null, Veto.IsIgnored, &last);
        --*ThreadLocals.InterruptDepth();
    }

    /// <summary>Asks everybody; if one says no, those asked before hear that it was for nothing.</summary>
    /// <returns>None, or why not.</returns>
    public static Errno Ask(int what, int ifRefused, int cpu, Veto veto)
    {
        NotifierBlock* last;
        Errno error = ErrnoOf(Call(what, cpu, until: null, veto, &last));
        if (error != Errno.None)
        {
            NotifierBlock* ignored;
            Call(ifRefused, cpu, until: last, Veto.Counts, &ignored);
            return error;
        }
        return Errno.None;
    }

    /// <summary>How a block says no for a reason: the kernel's notifier_from_errno.</summary>
    public static int FromErrno(Errno error) => NOTIFY_STOP_MASK | (NOTIFY_OK + (int)error);

    // Ends before *until*, which is on the chain or null. If a veto is ignored, everybody is told, and the answer is 0;
    // else it is the last one.
    private static int Call(int what, int cpu, NotifierBlock* until, Veto veto, NotifierBlock** last)
    {
        int answer = 0;
        int cancel = PThread.DisableCancel();
        NotifierBlock* block = s_chain;
        while (block != until && (answer & NOTIFY_STOP_MASK) == 0)
        {
            *last = block;
            answer = block->NotifierCall(block, (nuint)what, (void*)(nint)cpu);
            answer = veto == Veto.Counts ? answer : 0;
            block = block->Next;
        }
        PThread.RestoreCancel(cancel);
        return answer;
    }

    // NOTIFY_STOP and the like only end the telling.
    private static Errno ErrnoOf(int answer)
    {
        int code = answer & ~NOTIFY_STOP_MASK;
        if (answer == NOTIFY_BAD)
        {
            return Errno.EINVAL;
        }
        return (answer & NOTIFY_STOP_MASK) != 0 && code > NOTIFY_OK ? (Errno)(code - NOTIFY_OK) : Errno.None;
    }
}
