// SPDX-License-Identifier: GPL-2.0-only
// The rules of mod_delayed_work(), and what it means for calls beside it.
//
// A move ends one queueing and begins another, of the call. The item is pending all the
// time, so a cancel that met it must not say that there was nothing.

using Wq.Core;
using Wq.Timers;

namespace Wq.Sim;

internal static class Moves
{
    /// <summary>pending -> moving.</summary>
    public static void Begin(SimThread self, int item, ItemRecord record, WorkWord value)
    {
        Call? call = self.Call;
        if (call?.Step.Verb != Verb.Mod || call.Step.Item != item || record.Outstanding == null)
        {
            Machine.Fail("item " + Program.NameOfItem(item) + " is moved by somebody who does not re-time it, or from another's hands");
            return;
        }
        call.Moved = record.Outstanding;
        call.Moved.State = QueueingState.Moved;
        call.NrMoved++;
        Ledger.Begin(self, call, record, value, isDelayed: call.Step.Jiffies != 0);
    }

    /// <summary>moving -> as it was: it was taken by mistake, and its owner has not noticed.</summary>
    public static void Undo(SimThread self, ItemRecord record)
    {
        Call call = self.Call!;
        Queueing former = call.Moved!;
        call.Queueing!.State = QueueingState.Undone;
        call.Queueing = null;
        call.NrMoved--;
        former.State = former.ReturnedAt != int.MaxValue ? QueueingState.Accepted : QueueingState.InCall;
        record.Outstanding = former;
    }

    /// <summary>One that could not be armed is queued at once: it has no delay any more.</summary>
    public static void Ended(SimThread self, Queueing queueing, WorkWord old, WorkWord value)
    {
        bool isHurried = value.IsAt(Place.Queued) && old.IsHeldElsewhere && self.Call?.Queueing == queueing;
        queueing.IsDelayed &= !isHurried;
    }

    /// <summary>Since when is the item armed, without a moment in a queue?</summary>
    public static void NoteArmed(ItemRecord record, WorkWord old, WorkWord value)
    {
        bool was = old.IsAt(Place.Timer) || (old.IsAt(Place.Moving) && record.ArmedSince >= 0);
        bool isStill = value.IsAt(Place.Timer) || (value.IsAt(Place.Moving) && was);
        record.ArmedSince = !isStill ? -1 : was ? record.ArmedSince : Machine.Steps;
    }

    /// <summary>Is an armed item off its timer already, in the hands of a call that is about to move it?</summary>
    public static unsafe bool HasDisarmed(Queueing queueing)
    {
        bool isInHand = false;
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            Step? step = Machine.ThreadAt(id).Call?.Step;
            isInHand |= step?.Verb == Verb.Mod && step?.Item == queueing.Item;
        }
        return isInHand && queueing.IsArmed && !TimerList.IsPending(&Items.At(queueing.Item)->Timer);
    }

    /// <summary>A call of mod_delayed_work() returns.</summary>
    public static void Returned(SimThread self, Call call, bool result)
    {
        ItemRecord record = Ledger.At(call.Step.Item);
        Queueing? queueing = call.Queueing;
        bool accepted = queueing != null && queueing.State != QueueingState.Undone;
        if (result != (call.NrMoved != 0))
        {
            Machine.Fail(Item(call) + ": mod_delayed_work returned " + (result ? "true, and moved nothing" : "false, and moved it"));
        }
        if (accepted && call.WasRefused && (queueing!.IsDelayed || call.Step.Jiffies == 0))
        {
            Machine.Fail(Item(call) + ": mod_delayed_work said that it failed, and did it");
        }
        if (accepted && !call.WasRefused && !queueing!.IsDelayed && call.Step.Jiffies != 0)
        {
            Machine.Fail(Item(call) + ": mod_delayed_work queued it at once, and not later");
        }
        if (!accepted && result && !IsEnding(call.Step.Queue))
        {
            Machine.Fail(Item(call) + ": mod_delayed_work lost it, and its queue does not end");
        }
        if (!accepted && !call.WasRefused && !IsLeftToCanceller(record, call) && !record.MayBeDisabled(call.BeganAt))
        {
            Machine.Fail(Item(call) + ": mod_delayed_work did nothing, and no call that waits was cancelling it");
        }
    }

    /// <summary>A cancel that does not wait returns: was there nothing to take if it says so?</summary>
    public static void Check(Call call, bool result)
    {
        ItemRecord record = Ledger.At(call.Step.Item);
        bool wasThere = call.Step.Verb == Verb.CancelTimer ? record.ArmedSince >= 0 && record.ArmedSince < call.BeganAt
            : record.Outstanding != null && record.PendingSince < call.BeganAt && !IsLeftToCanceller(record, call);
        if (!result && wasThere)
        {
            Machine.Fail(Item(call) + ": a cancel took nothing, and it was there all the time");
        }
    }

    private static bool IsEnding(int queue)
    {
        bool isEnding = Queues.HasEnded(queue);
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            Step? step = Machine.ThreadAt(id).Call?.Step;
            isEnding |= step?.Verb is Verb.Close or Verb.Destroy && step?.Queue == queue;
        }
        return isEnding;
    }

    // Has a canceller that waits had the item since the call began?
    private static bool IsLeftToCanceller(ItemRecord record, Call call)
    {
        Call? holder = record.Canceller >= 0 ? Machine.ThreadAt(record.Canceller).Call : null;
        return holder?.Step.Verb is Verb.Cancel or Verb.CancelDelayed || record.LastLetGoAt >= call.BeganAt;
    }

    private static string Item(Call call) => "item " + Program.NameOfItem(call.Step.Item);
}
