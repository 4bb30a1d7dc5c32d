// SPDX-License-Identifier: GPL-2.0-only
// The timer a caller embeds: struct timer_list of linux/timer.h, byte for byte.
//
//   offset  0  next, pprev   hlist_node; pprev is null exactly while not pending
//          16  expires       jiffies, as the caller set it; the wheel never reads it
//          24  function      void (*)(unsigned long data), or with TIMER_SELF
//                            void (*)(struct timer_list *)
//          32  data
//          40  deadline      nanoseconds on the wheel's clock          } private
//          48  base          whose lock guards the timer, or null      }
//          56  flags         the kernel's bits, and the wheel's place  }
//          60  seq           orders equal deadlines                    }
//
// 64 bytes, so that a delayed_work (32 bytes of work_struct and this) is 96.
// Invariant: whatever list a timer is on, *Pprev == the timer, and
// Next->Pprev == &Next; Next lies at offset 0, so a Pprev that does not point
// into a list head is the address of the timer before it.
// Locks: those of the wheel's owner. Kernel counterpart: struct timer_list and
// hlist_node. Deliberately missing: any knowledge of jiffies.

global using unsafe TimerFunc = delegate* unmanaged[SuppressGCTransition]<nuint, void>;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TimerList
{
    // The kernel's values; its TIMER_CPUMASK bits are not used by the wheel.
    public const uint TIMER_CPUMASK = 0x0003_ffff;
    public const uint TIMER_OWNED = 0x0000_0001; // Ours: Data is the TimerOwner.
    public const uint TIMER_SELF = 0x0004_0000; // Ours: Function takes the timer, not Data.
    public const uint TIMER_DEFERRABLE = 0x0008_0000;
    public const uint TIMER_PINNED = 0x0010_0000;
    public const uint TIMER_IRQSAFE = 0x0020_0000;
    public const uint TIMER_ARRAYMASK = 0xffc0_0000; // Which of the wheel's lists a pending timer is on.
    public const int TIMER_ARRAYSHIFT = 22;

    public TimerList* Next;
    public TimerList** Pprev;
    public nuint Expires;
    public void* Function;
    public nuint Data;
    public ulong DeadlineNs;
    public void* Base;
    public uint Flags;
    public uint Seq;

    /// <summary>A timer that is not pending and was never armed. Function, Data and Expires are the caller's.</summary>
    public static void Init(TimerList* timer, uint flags)
    {
        timer->Next = null;
        timer->Pprev = null;
        timer->Base = null;
        timer->Flags = flags;
        timer->Seq = 0;
    }

    public static bool IsPending(TimerList* timer) => timer->Pprev != null;

    public static bool IsDeferrable(TimerList* timer) => (timer->Flags & TIMER_DEFERRABLE) != 0;

    public static int PlaceOf(TimerList* timer) => (int)(timer->Flags >> TIMER_ARRAYSHIFT);

    public static void SetPlace(TimerList* timer, int place) =>
        timer->Flags = (timer->Flags & ~TIMER_ARRAYMASK) | ((uint)place << TIMER_ARRAYSHIFT);

    /// <summary>The owner that counts this timer, or null.</summary>
    public static TimerOwner* OwnerOf(TimerList* timer) =>
        (timer->Flags & TIMER_OWNED) != 0 ? (TimerOwner*)timer->Data : null;

    /// <summary>Whether <paramref name="a"/> fires before <paramref name="b"/>: earlier, or as early and armed first.</summary>
    public static bool IsBefore(TimerList* a, TimerList* b) =>
        a->DeadlineNs != b->DeadlineNs
            ? a->DeadlineNs < b->DeadlineNs
            : (int)(a->Seq - b->Seq) < 0; // Right while the two were armed within 2^31 arms of each other.

    /// <summary>Puts <paramref name="timer"/> first on the list that begins at <paramref name="head"/>.</summary>
    public static void Link(TimerList* timer, TimerList** head)
    {
        TimerList* next = *head;
        timer->Next = next;
        timer->Pprev = head;
        if (next != null)
        {
            next->Pprev = &timer->Next;
        }
        *head = timer;
    }

    /// <summary>Takes <paramref name="timer"/> off its list; it is no longer pending.</summary>
    public static void Unlink(TimerList* timer)
    {
        TimerList* next = timer->Next;
        TimerList** pprev = timer->Pprev;
        if (pprev == null || *pprev != timer)
        {
            DieOfBrokenSlow(timer);
        }
        if (next != null)
        {
            CheckLink(next, &timer->Next);
        }
        *pprev = next;
        if (next != null)
        {
            next->Pprev = pprev;
        }
        timer->Next = null;
        timer->Pprev = null;
    }

    /// <summary>Makes a timer of an abandoned base no longer pending, and leaves the list as it is.</summary>
    /// <returns>True if it was pending.</returns>
    public static bool Forget(TimerList* timer)
    {
        bool wasPending = IsPending(timer);
        timer->Next = null;
        timer->Pprev = null;
        return wasPending;
    }

    /// <summary>
    /// A timer that was reached through <paramref name="link"/> must lead back there. If not, it was initialised,
    /// freed or overwritten while it was pending, and going on would lose the timers behind it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CheckLink(TimerList* timer, TimerList** link)
    {
        if (timer->Pprev != link)
        {
            DieOfBrokenSlow(timer);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DieOfBrokenSlow(TimerList* timer)
    {
        Report report = default;
        report.Text("BUG: workqueue: timer "u8);
        report.Hex((nuint)timer);
        report.Text(", function "u8);
        Bug.AppendSymbol(ref report, timer->Function);
        report.Text(" was initialised again, freed or overwritten while it was pending"u8);
        Bug.Die(ref report);
    }
}
