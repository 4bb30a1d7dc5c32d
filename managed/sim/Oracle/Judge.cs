// SPDX-License-Identifier: GPL-2.0-only
// The contract, checked where a call returns, where a function begins, and at the end.
//
// Each rule is one method, and its message says what was promised. "Before" is real
// time: a call that returned before another began. The records are the Ledger's. What is
// promised of one item is in Judge.Items.cs, who must not sleep in Judge.Sleep.cs.

using System.Text;
using Wq.Base;

namespace Wq.Sim;

internal static unsafe partial class Judge
{
    // ---- Functions ----

    /// <summary>Item's function begins on this thread; returns which run it is.</summary>
    public static Queueing FunctionBegins(SimThread self, int item)
    {
        Queueing? run = Ledger.TakeClaim(self);
        if (run == null || run.Item != item)
        {
            Machine.Fail(Item(item) + ": its function is called without PENDING having been turned off for it");
            return new Queueing();
        }
        if (self.Locks.Nr != 0)
        {
            Machine.Fail(Item(item) + ": its function is called with a lock held");
        }
        if (Interpreter.IsAtRest(run.Queue))
        {
            Machine.Fail(Item(item) + ": it runs although its queue was frozen and no longer busy");
        }
        if (Interpreter.WasFrozen(run.Queue, run.BeganAt) && !IsInsideAnother(self))
        {
            Machine.Fail(Item(item) + ": it runs although its queue was frozen when it was queued");
        }
        CheckManaged(run);
        if (Queues.HasEnded(run.Queue))
        {
            Machine.Fail(Item(item) + ": it runs although its queue has ended");
        }
        if (run.IsDelayed && Kernel.NowNs < run.NotBeforeNs)
        {
            Machine.Fail(Item(item) + ": it runs before its delay is over");
        }
        CpuCalls.CheckPlace(self, item);
        int nrAtOnce = 1;
        foreach (Queueing other in Records.Queueings)
        {
            if (Queues.IsShared(run.Queue))
            {
                CheckShared(run, other, ref nrAtOnce);
            }
            else
            {
                CheckOrder(run, other);
            }
        }
        run.State = QueueingState.Running;
        Ledger.At(item).NrRuns++;
        return run;
    }

    // An item runs once at a time, a link's items in no more threads than it may have, an ordered queue's in order.
    private static void CheckShared(Queueing run, Queueing other, ref int nrAtOnce)
    {
        if (other == run || other.Queue != run.Queue)
        {
            return;
        }
        if (other.State == QueueingState.Running && other.Item == run.Item && !WasElsewhere(other, run))
        {
            Machine.Fail(Item(run.Item) + " runs twice at once");
        }
        if (other.State == QueueingState.Running && other.Pool == run.Pool && ++nrAtOnce > Queues.MaxActiveOf(run.Queue))
        {
            Machine.Fail(Item(run.Item) + " runs beside " + Item(other.Item) + ", although its queue may not have so many active");
        }
        if (Queues.IsOrdered(run.Queue) && other.State == QueueingState.Accepted && !other.IsDelayed && !run.IsDelayed
            && other.IsBefore(run.BeganAt, run.Caller))
        {
            Machine.Fail(Item(run.Item) + " overtakes " + Item(other.Item) + " of its ordered queue");
        }
    }

    // The item was on another queue between the two: then nothing is promised.
    private static bool WasElsewhere(Queueing earlier, Queueing later)
    {
        bool isBetween = false;
        bool any = false;
        foreach (Queueing queueing in Records.Queueings) // In the order of their acceptance.
        {
            any |= isBetween && queueing.Item == later.Item && queueing.Queue != later.Queue;
            isBetween = (isBetween || queueing == earlier) && queueing != later;
        }
        return any;
    }

    // FIFO per worker, and one item at a time there unless its function flushes.
    private static void CheckOrder(Queueing run, Queueing other)
    {
        if (other == run || other.Queue != run.Queue || other.Pool != run.Pool)
        {
            return;
        }
        if (other.State == QueueingState.Accepted && other.IsBefore(run.BeganAt, run.Caller) && !other.IsDelayed && !run.IsDelayed)
        {
            Machine.Fail(Item(run.Item) + " overtakes " + Item(other.Item) + ", which was queued on its worker before");
        }
        if (other.State == QueueingState.Running && other.RunsOn != run.RunsOn)
        {
            Machine.Fail(Item(run.Item) + " and " + Item(other.Item) + " run at once on one worker's queue");
        }
    }

    // A worker that is about to begin may have been passed by: then it does not count as running either.
    private static void CheckManaged(Queueing run)
    {
        Core.Worker* worker = Core.Worker.CurrentWorker;
        bool isIntensive = Queues.IsIntensive(run.Queue);
        if (worker != null && (worker->IsIntensive != isIntensive || (isIntensive && !worker->IsBlocked)))
        {
            Machine.Fail(Item(run.Item) + ": its worker " + (isIntensive ? "counts" : "does not count") + " as running");
        }
    }

    // ---- Calls ----

    public static void Returned(SimThread self, Call call, bool result)
    {
        switch (call.Step.Verb)
        {
            case Verb.Queue or Verb.Delay or Verb.Schedule:
                Queued(self, call, result);
                break;
            case Verb.Mod:
                Moves.Returned(self, call, result);
                HasReturned(self, call.Queueing);
                break;
            case Verb.Cancel or Verb.CancelDelayed:
                CheckResult(call, result);
                CancelledSync(self, call);
                NotLeftInPassing(call);
                break;
            case Verb.Disable or Verb.DisableSync:
                Disabled(self, call, result);
                break;
            case Verb.Enable:
                Enabled(call, result);
                break;
            case Verb.Recall:
                CheckResult(call, result);
                Recalled(self, call);
                Moves.Check(call, result);
                break;
            case Verb.CancelTimer:
                CheckResult(call, result);
                Moves.Check(call, result);
                break;
            case Verb.Flush:
                Flushed(self, call);
                break;
            case Verb.Drain:
                Flushed(self, call);
                Drained(self, call);
                break;
            case Verb.FlushWork or Verb.FlushDelayed:
                FlushedItem(self, call, result);
                break;
            case Verb.Destroy or Verb.Close:
                Destroyed(call);
                break;
            case Verb.Stand:
                Stood(self);
                break;
            case Verb.Rest:
                Rested();
                break;
            case Verb.Up or Verb.Down or Verb.Rescan or Verb.Allow:
                CpuCalls.Returned(self, call);
                break;
        }
    }

    /// <summary>
    /// All that the thread has stored is seen by now. Only then can others know that its call has
    /// returned; a flush of theirs that begins earlier need not wait for what it queued.
    /// </summary>
    public static void Published(SimThread self)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (self.Unpublished != null && queueing.Caller == self.Id && queueing.ReturnedAt < queueing.PublishedAt)
            {
                queueing.PublishedAt = Machine.Steps;
            }
        }
        self.Unpublished = null;
    }

    private static void Queued(SimThread self, Call call, bool result)
    {
        Queueing? queueing = call.Queueing;
        bool accepted = queueing != null && queueing.State != QueueingState.Undone;
        if (accepted != result)
        {
            Machine.Fail(Item(call.Step.Item) + ": queueing returned " + Word(result) + ", and it was " + (accepted ? "" : "not ") + "queued");
        }
        HasReturned(self, queueing);
        if (result && call.MustBeRefused && Queues.IsDrained(call.Step.Queue))
        {
            Machine.Fail(Item(call.Step.Item) + " was taken by a queue that is being drained, from one that is none of its items");
        }
        ItemRecord record = Ledger.At(call.Step.Item);
        if (!result && !call.WasRefused && !record.MayBeDisabled(call.BeganAt) && !record.IsPending && record.LastPendingAt < call.BeganAt)
        {
            Machine.Fail(Item(call.Step.Item) + ": queueing returned false, and it was pending at no moment of the call");
        }
    }

    // The call that made it has returned, and has not undone it.
    private static void HasReturned(SimThread self, Queueing? queueing)
    {
        if (queueing == null || queueing.State == QueueingState.Undone)
        {
            return;
        }
        queueing.ReturnedAt = Machine.Steps;
        self.Unpublished = queueing;
        if (self.Stores.IsEmpty)
        {
            Published(self);
        }
        queueing.State = queueing.State == QueueingState.InCall ? QueueingState.Accepted : queueing.State;
    }

    private static void Flushed(SimThread self, Call call)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            bool isOver = queueing.State is QueueingState.Done or QueueingState.Cancelled or QueueingState.Undone or QueueingState.Grabbed
                or QueueingState.Moved;
            if (queueing.Queue == call.Step.Queue && !queueing.IsDelayed && queueing.IsBefore(call.BeganAt, self.Id) && !isOver
                && !IsInside(self, queueing) && !FlushesToo(self, queueing))
            {
                Machine.Fail(Item(queueing.Item) + ", queued before a flush began, is " + queueing.State + " after it");
            }
        }
    }

    // What was queued before, what that has queued on the queue, and so on, is over; but what a timer has.
    private static void Drained(SimThread self, Call call)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            Queueing? root = queueing;
            bool isChained = true;
            while (root.Parent != null)
            {
                root = root.Parent;
                isChained &= root.Queue == call.Step.Queue;
            }
            if (isChained && queueing.Queue == call.Step.Queue && !queueing.IsDelayed && !root.IsDelayed
                && root.IsBefore(call.BeganAt, self.Id) && (queueing.IsOutstanding || queueing.IsUnderWay))
            {
                Machine.Fail(Item(queueing.Item) + " is " + queueing.State + " after its queue was drained");
            }
        }
    }

    // A call that is still queueing on a closed queue will be refused.
    private static void Destroyed(Call call)
    {
        bool isClosed = call.Step.Verb == Verb.Close;
        foreach (Queueing queueing in Records.Queueings)
        {
            bool isLate = ((isClosed || Queues.IsShared(queueing.Queue)) && queueing.State == QueueingState.InCall)
                || Moves.HasDisarmed(queueing);
            if (queueing.Queue == call.Step.Queue && !isLate && (queueing.IsOutstanding || queueing.IsUnderWay))
            {
                Machine.Fail(Item(queueing.Item) + " is " + queueing.State + " after its queue was "
                    + (isClosed ? "closed" : "destroyed"));
            }
        }
    }

    private static void Rested()
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.State == QueueingState.Running && Interpreter.IsAtRest(queueing.Queue) && !StandsStill(queueing))
            {
                Machine.Fail(Item(queueing.Item) + " runs although its queue was frozen and is no longer busy");
            }
        }
    }

    private static bool StandsStill(Queueing queueing) => Machine.ThreadAt(queueing.RunsOn).Call?.Step.Verb == Verb.Stand;

    // The item goes on from where it stood, or would have: its queue is not at rest then.
    private static void Stood(SimThread self)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.State == QueueingState.Running && IsInside(self, queueing) && Interpreter.IsAtRest(queueing.Queue))
            {
                Machine.Fail(Item(queueing.Item) + " goes on although its queue was frozen and is no longer busy");
            }
        }
    }

    // Two items that flush their own queue do not wait for one another.
    private static bool FlushesToo(SimThread self, Queueing queueing) =>
        self.CurrentWorker != null && queueing.State == QueueingState.Running
            && Machine.ThreadAt(queueing.RunsOn).Call?.Step.Verb == Verb.Flush;

    // A run on this very thread cannot be over: its function is what calls.
    private static bool IsInside(SimThread self, Queueing queueing) => queueing.RunsOn == self.Id;

    // What an item's flush of its own queue runs is of that item: it finishes before its worker stands still.
    private static bool IsInsideAnother(SimThread self)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.State == QueueingState.Running && IsInside(self, queueing))
            {
                return true;
            }
        }
        return false;
    }

    // ---- Reports and the end ----

    public static void Refused(ref Report report)
    {
        if (!Interpreter.Program.AllowsRefusals)
        {
            Machine.Fail("the engine refuses: " + TextOf(ref report));
        }
        Trace.Note(Machine.Current, "is refused", ref report);
        RefusedQuietly();
    }

    public static void RefusedQuietly()
    {
        if (Machine.Current.Call != null)
        {
            Machine.Current.Call.WasRefused = true;
        }
    }

    public static string TextOf(ref Report report)
    {
        byte* text = stackalloc byte[Report.SizeBytes];
        report.CopyTo(text);
        return Encoding.UTF8.GetString(text, report.Length);
    }

    public static void AtEnd()
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.IsOutstanding || queueing.IsUnderWay || queueing.State == QueueingState.Grabbed)
            {
                Machine.Fail(Item(queueing.Item) + " was queued, and is " + queueing.State + " at the end");
            }
        }
        int spoiled = Items.FindSpoiled();
        if (spoiled >= 0)
        {
            Machine.Fail(Item(spoiled) + " was written after it was freed");
        }
        Events.AtEnd();
        Notifiers.AtEnd();
        Timeline.AtEnd();
    }

    private static string Item(int item) => "item " + Program.NameOfItem(item);

    private static string Word(bool result) => result ? "true" : "false";
}
