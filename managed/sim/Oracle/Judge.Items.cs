// SPDX-License-Identifier: GPL-2.0-only
// What the calls on one item promise: that it was taken back, that its runs are over.

using Wq.Core;

namespace Wq.Sim;

internal static unsafe partial class Judge
{
    /// <summary>The run begins on the calling thread: a rescuer runs its own queue's items only.</summary>
    public static void MayRunHere(Queueing run)
    {
        Worker* worker = Worker.CurrentWorker;
        Workqueue* wq = run.Queue >= 0 ? Queues.At(run.Queue) : null; // Null while the main thread ends it.
        if (worker != null && worker->Rescues != null && wq != null && worker->Rescues != wq)
        {
            Machine.Fail(Item(run.Item) + " is run by the rescuer of another queue");
        }
    }

    private static void CheckResult(Call call, bool result)
    {
        if (call.NrStolen > 1)
        {
            Machine.Fail("a call took back " + Item(call.Step.Item) + " more often than it can say");
        }
        if (result != (call.NrStolen != 0))
        {
            Machine.Fail(Item(call.Step.Item) + ": a cancel returned " + Word(result) + ", and took " + (result ? "nothing" : "it"));
        }
    }

    // Neither pending from before, nor to be queued in vain.
    private static void Recalled(SimThread self, Call call)
    {
        int item = call.Step.Item;
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.Item == item && queueing.State == QueueingState.Accepted && queueing.IsBefore(call.BeganAt, self.Id))
            {
                Machine.Fail(Item(item) + " is pending after a cancel, as it was before");
            }
        }
        NotLeftInPassing(call);
    }

    // Who has had the item since before the call began waits for a run.
    private static void NotLeftInPassing(Call call)
    {
        int canceller = Ledger.At(call.Step.Item).Canceller;
        Call? other = canceller >= 0 ? Machine.ThreadAt(canceller).Call : null;
        if (other?.Step.Verb == Verb.Recall && other.GrabbedAt < call.BeganAt)
        {
            Machine.Fail(Item(call.Step.Item) + " is given up as another's, who lets go of it in a moment");
        }
    }

    // Neither pending from before, nor running since before it was grabbed: on its last queue, elsewhere than here.
    private static void CancelledSync(SimThread self, Call call)
    {
        int item = call.Step.Item;
        bool isInside = false;
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.Item != item)
            {
                continue;
            }
            if (queueing.State == QueueingState.Accepted && queueing.IsBefore(call.BeganAt, self.Id))
            {
                Machine.Fail(Item(item) + " is pending after a cancel, as it was before");
            }
            if (queueing.IsUnderWay && queueing.ClaimedAt < call.GrabbedAt && queueing.Queue == call.QueueAtGrab
                && !IsInside(self, queueing) && !HasLeft(queueing))
            {
                Machine.Fail(Item(item) + " runs after a cancel that should have waited for it");
            }
            isInside |= queueing.State == QueueingState.Running && IsInside(self, queueing);
        }
        if (call.GrabbedAt < 0 && !isInside)
        {
            Machine.Fail("a cancel of " + Item(item) + " from outside its function returns without having had it");
        }
    }

    /// <summary>An item was not pending, and then was with no worker: it is about to be given back.</summary>
    public static void Reclaims(int item)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.Item == item && (queueing.IsOutstanding || queueing.IsUnderWay))
            {
                Machine.Fail(Item(item) + " is " + queueing.State + ", was not pending, and was not listed as running");
            }
        }
    }

    // Not pending from before; and of the call that waits, not running from before either, on its last queue and elsewhere than
    // here.
    private static void Disabled(SimThread self, Call call, bool result)
    {
        int item = call.Step.Item;
        CheckResult(call, result);
        Ledger.At(item).NrDisabled++;
        Ledger.At(item).NrDepthReturned++;
        Ledger.At(item).LastDisabledAt = Machine.Steps;
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.Item != item || IsInside(self, queueing))
            {
                continue;
            }
            bool isLeft = queueing.State == QueueingState.Accepted && queueing.IsBefore(call.BeganAt, self.Id);
            bool runs = queueing.IsUnderWay && queueing.ClaimedAt < call.BeganAt && queueing.Queue == Ledger.At(item).LastQueue
                && !HasLeft(queueing);
            if (isLeft || (runs && call.Step.Verb == Verb.DisableSync))
            {
                Machine.Fail(Item(item) + " is " + queueing.State + " after it was disabled");
            }
        }
    }

    // True if the item may be queued then. Judged if nobody else disables or enables it meanwhile.
    private static void Enabled(Call call, bool result)
    {
        ItemRecord record = Ledger.At(call.Step.Item);
        record.NrDepthReturned++;
        record.LastDisabledAt = Machine.Steps;
        bool isAlone = call.IsOnlyOne && record.NrDepthCalls == call.DepthCall;
        if (isAlone && result != (record.NrDisabled > 0 && record.NrDisabled == record.NrEnabling))
        {
            Machine.Fail(Item(call.Step.Item) + ": enable_work() returned " + Word(result));
        }
    }

    // What was queued last, if that was before the call, has run or was cancelled; if it has run on shared pools, where one run
    // follows another, what was queued there before that has run too.
    private static void FlushedItem(SimThread self, Call call, bool result)
    {
        Queueing? last = null;
        foreach (Queueing queueing in Records.Queueings)
        {
            last = queueing.Item == call.Step.Item ? queueing : last; // They are in the order of their acceptance.
        }
        foreach (Queueing queueing in Records.Queueings)
        {
            bool isEarlier = last?.State == QueueingState.Done && Queues.IsShared(last.Queue) && queueing.Queue == last.Queue && queueing.Item == last.Item;
            if ((queueing == last || isEarlier) && queueing.IsBefore(call.BeganAt, self.Id))
            {
                CheckFlushed(self, call, queueing);
            }
        }
        if (result && Ledger.At(call.Step.Item).LastQueue < 0)
        {
            Machine.Fail("a flush of " + Item(call.Step.Item) + " returned true, and there was nothing to wait for");
        }
    }

    // Not its own run, nor one to come after that; nor an item that its timer has.
    private static void CheckFlushed(SimThread self, Call call, Queueing queueing)
    {
        bool isWithTimer = call.Step.Verb == Verb.FlushWork && queueing.IsDelayed;
        if (!isWithTimer && (queueing.State == QueueingState.Accepted || queueing.IsUnderWay)
            && !IsInside(self, queueing) && !IsInsideItem(self, queueing.Item))
        {
            Machine.Fail(Item(queueing.Item) + ", queued before it was flushed, is " + queueing.State + " after that");
        }
    }

    // While it runs the item was on another queue of shared pools, and has run there: then its last worker is not this one.
    private static bool HasLeft(Queueing run)
    {
        bool isAfter = false;
        bool any = false;
        foreach (Queueing queueing in Records.Queueings)
        {
            any |= isAfter && queueing.Item == run.Item && queueing.Queue != run.Queue && Queues.IsShared(queueing.Queue)
                && queueing.State == QueueingState.Done;
            isAfter |= queueing == run;
        }
        return any;
    }

    private static bool IsInsideItem(SimThread self, int item)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.Item == item && queueing.State == QueueingState.Running && IsInside(self, queueing))
            {
                return true;
            }
        }
        return false;
    }
}
