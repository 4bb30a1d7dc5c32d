// SPDX-License-Identifier: GPL-2.0-only
// The state of a thread that a function may change and leave changed: blocked signals, CPU
// affinity, nice value, name, and wq_interrupt_enter() depth. It is read, compared, and
// put back.
//
// Always of the calling thread. No locks.

using System;
using Tmds.Linux;
using Wq.Base;

namespace Wq.Os;

internal unsafe struct ThreadState
{
    // What Difference finds; Signals to Depth are all the parts.
    public const int Signals = 1 << 0;
    public const int Affinity = 1 << 1;
    public const int NiceValue = 1 << 2;
    public const int ThreadName = 1 << 3;
    public const int Depth = 1 << 4;

    private const int NameBytes = 16; // TASK_COMM_LEN
    private const int SignalBytes = 8; // The kernel's part of a sigset_t.

    private sigset_t _signals;
    private CpuMask _affinity;
    private int _nice;
    private int _interruptDepth;
    private fixed byte _name[NameBytes];

    public readonly int InterruptDepth => _interruptDepth;

    /// <summary>Zero-terminated.</summary>
    public byte* Name => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _name[0]);

    public static void Read(ThreadState* state)
    {
        *state = default;
        Libc.pthread_sigmask(0, null, &state->_signals);
        Libc.sched_getaffinity(0, CpuMask.SizeBytes, state->_affinity.Bits);
        PThread.TryGetNice(&state->_nice);
        PThread.GetName(state->_name);
        state->_interruptDepth = *ThreadLocals.InterruptDepth();
    }

    /// <summary>Which parts differ.</summary>
    public static int Difference(ThreadState* a, ThreadState* b) =>
        (AreSame(&a->_signals, &b->_signals, SignalBytes) ? 0 : Signals)
        | (AreSame(&a->_affinity, &b->_affinity, CpuMask.SizeBytes) ? 0 : Affinity)
        | (a->_nice == b->_nice ? 0 : NiceValue)
        | (AreSame(a->_name, b->_name, NameBytes) ? 0 : ThreadName)
        | (a->_interruptDepth == b->_interruptDepth ? 0 : Depth);

    /// <summary>Puts the given parts back; returns those that could not be put back.</summary>
    public static int Restore(ThreadState* state, int parts)
    {
        int left = 0;
        if ((parts & Signals) != 0)
        {
            left |= Libc.pthread_sigmask(PThread.SigSetMask, &state->_signals, null) == 0 ? 0 : Signals;
        }
        if ((parts & Affinity) != 0)
        {
            left |= Libc.sched_setaffinity(0, CpuMask.SizeBytes, state->_affinity.Bits) == 0 ? 0 : Affinity;
        }
        if ((parts & NiceValue) != 0)
        {
            left |= PThread.TrySetNice(state->_nice) ? 0 : NiceValue;
        }
        if ((parts & ThreadName) != 0)
        {
            PThread.SetName(state->_name);
        }
        if ((parts & Depth) != 0)
        {
            *ThreadLocals.InterruptDepth() = state->_interruptDepth;
        }
        return left;
    }

    /// <summary>Appends the given parts, with their old and new values.</summary>
    public static void Describe(ThreadState* before, ThreadState* now, int parts, ref Report report)
    {
        if ((parts & Signals) != 0)
        {
            report.Text(", signal mask "u8);
            report.Hex(*(nuint*)&before->_signals);
            report.Text(" -> "u8);
            report.Hex(*(nuint*)&now->_signals);
        }
        if ((parts & Affinity) != 0)
        {
            report.Text(", CPU affinity"u8);
        }
        if ((parts & NiceValue) != 0)
        {
            Change(", nice "u8, before->_nice, now->_nice, ref report);
        }
        if ((parts & ThreadName) != 0)
        {
            report.Text(", thread name \""u8);
            report.CString(before->_name);
            report.Text("\" -> \""u8);
            report.CString(now->_name);
            report.Text("\""u8);
        }
        if ((parts & Depth) != 0)
        {
            Change(", interrupt depth "u8, before->_interruptDepth, now->_interruptDepth, ref report);
        }
    }

    private static void Change(ReadOnlySpan<byte> what, int before, int now, ref Report report)
    {
        report.Text(what);
        report.Decimal(before);
        report.Text(" -> "u8);
        report.Decimal(now);
    }

    private static bool AreSame(void* a, void* b, int bytes) =>
        new ReadOnlySpan<byte>(a, bytes).SequenceEqual(new ReadOnlySpan<byte>(b, bytes));
}
