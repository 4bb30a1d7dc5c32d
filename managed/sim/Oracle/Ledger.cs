// SPDX-License-Identifier: GPL-2.0-only
// What becomes of each queueing: a model of the item's life, moved by the changes
// of its state word as they happen.
//
//   PENDING 0 -> 1 by queue_*      an owner: there was none
//   in hand -> idle                claimed: the claimer's next function call is this run
//   -> canceling -> idle           grabbed, then cancelled, by one thread
//   delayed -> idle                cancelled, or refused after all
//   pending -> moving              by mod_delayed_work(): one queueing ends, and another begins
//
// Whatever does not fit is a failure at once. Judge checks the calls' promises on
// the records kept here.

using Wq.Core;
using Wq.Timers;

namespace Wq.Sim;

internal sealed class ItemRecord
{
    public Queueing? Outstanding;
    public Queueing? Grabbed;
    public int Canceller;       // The thread that has the item CANCELING, or -1.
    public int LastPendingAt;   // The last step at which PENDING was on.
    public int PendingSince;    // The step at which PENDING was turned on; a move does not count.
    public int ArmedSince;      // The step from which it has been with its timer, or been moved there; or -1.
    public int LastLetGoAt;     // The last step at which a canceller that waits let go of it.
    public int LastQueue;
    public int NrRuns;
    public bool WasCancelled;
    public int NrDisabled;      // Calls that have returned.
    public int NrEnabling;      // Calls that have begun.
    public int NrDepthCalls;    // Of both kinds that have begun.
    public int NrDepthReturned;
    public int LastDisabledAt;  // The last step at which such a call began or returned.

    public bool IsPending => Outstanding != null || Canceller >= 0;

    /// <summary>Was it perhaps disabled at some moment since that step?</summary>
    public bool MayBeDisabled(int step) =>
        NrDepthCalls != NrDepthReturned || NrDisabled != NrEnabling || LastDisabledAt >= step;
}

internal static unsafe class Ledger
{
    private static readonly ItemRecord[] s_items = MakeItems();
    private static readonly Queueing?[] s_claimedBy = new Queueing?[SimThread.Max];

    public static ItemRecord At(int item) => s_items[item];

    public static void Reset()
    {
        Records.Reset();
        System.Array.Clear(s_claimedBy);
        foreach (ItemRecord record in s_items)
        {
            record.Outstanding = null;
            record.Grabbed = null;
            record.Canceller = -1;
            record.LastPendingAt = -1;
            record.PendingSince = -1;
            record.ArmedSince = -1;
            record.LastLetGoAt = -1;
            record.LastQueue = -1;
            record.NrRuns = 0;
            record.WasCancelled = false;
            record.NrDisabled = 0;
            record.NrEnabling = 0;
            record.NrDepthCalls = 0;
            record.NrDepthReturned = 0;
            record.LastDisabledAt = -1;
        }
    }

    /// <summary>The run that the function call now beginning on this thread is, which must have been claimed.</summary>
    public static Queueing? TakeClaim(SimThread self)
    {
        Queueing? claim = s_claimedBy[self.Id];
        s_claimedBy[self.Id] = null;
        return claim;
    }

    public static void WordChanged(SimThread self, int item, WorkWord old, WorkWord value, bool isUndone)
    {
        bool was = old.IsPending;
        bool isPending = value.IsPending;
        ItemRecord record = s_items[item];
        if (was)
        {
            record.LastPendingAt = Machine.Steps;
        }
        if (!was && isPending)
        {
            record.PendingSince = Machine.Steps;
            Taken(self, item, record, value);
        }
        else if (isPending && value.IsAt(Place.Moving) && !old.IsAt(Place.Moving))
        {
            Moves.Begin(self, item, record, value);
        }
        else if (isUndone && old.IsAt(Place.Moving))
        {
            Moves.Undo(self, record);
        }
        else if (was && !isPending)
        {
            LetGo(self, record, old);
        }
        else if (was && !old.IsCanceling && value.IsCanceling)
        {
            Grabbed(self, record);
        }
        else if (was && old.IsCanceling && !value.IsCanceling)
        {
            GivenBack(self, record);
        }
        else if (was && record.Outstanding != null)
        {
            record.Outstanding.Pool = value.Idle.Bits; // Where the timer fired, or another worker is.
            record.Outstanding.IsArmed = value.IsAt(Place.Timer);
            Moves.Ended(self, record.Outstanding, old, value);
        }
        Moves.NoteArmed(record, old, value);
    }

    private static void Taken(SimThread self, int item, ItemRecord record, WorkWord value)
    {
        if (record.IsPending)
        {
            Machine.Fail("item " + Program.NameOfItem(item) + " has two owners");
        }
        if (value.IsCanceling)
        {
            Grabbed(self, record);
            return;
        }
        Call? call = self.Call;
        if (call == null || call.Step.Item != item || call.Step.Verb is not (Verb.Queue or Verb.Delay or Verb.Mod or Verb.Schedule))
        {
            Machine.Fail("PENDING turned on by somebody who does not queue the item");
            return;
        }
        Begin(self, call, record, value, isDelayed: value.IsAt(Place.Timer));
    }

    /// <summary>A call has come to own an item, to queue it.</summary>
    public static void Begin(SimThread self, Call call, ItemRecord record, WorkWord value, bool isDelayed)
    {
        if (record.NrDisabled > record.NrEnabling)
        {
            Machine.Fail("item " + Program.NameOfItem(call.Step.Item) + " is queued although it is disabled");
        }
        Queueing queueing = Records.TakeQueueing();
        queueing.Item = call.Step.Item;
        queueing.Queue = call.Step.Queue;
        queueing.Pool = value.Idle.Bits;
        queueing.IsDelayed = isDelayed;
        queueing.IsArmed = value.IsAt(Place.Timer);
        queueing.NotBeforeNs = IsFlushed(call.Step.Item) ? 0 : call.BeganNs + (call.Step.Jiffies * (long)Deadline.NsPerJiffy);
        queueing.DueNs = Kernel.NowNs + (call.Step.Jiffies * (long)Deadline.NsPerJiffy);
        queueing.BeganAt = call.BeganAt;
        queueing.Caller = self.Id;
        queueing.ReturnedAt = int.MaxValue;
        queueing.PublishedAt = int.MaxValue;
        queueing.RunsOn = -1;
        queueing.Parent = RunOf(self);
        queueing.State = QueueingState.InCall;
        record.Outstanding = queueing;
        record.LastQueue = call.Step.Queue;
        call.Queueing = queueing;
    }

    /// <summary>A flush begins: the item's timer may fire at once.</summary>
    public static void Hurry(int item)
    {
        if (s_items[item].Outstanding != null)
        {
            s_items[item].Outstanding!.NotBeforeNs = 0;
        }
    }

    private static bool IsFlushed(int item)
    {
        bool any = false;
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            Call? call = Machine.ThreadAt(id).Call;
            any |= call?.Step.Verb == Verb.FlushDelayed && call.Step.Item == item;
        }
        return any;
    }

    /// <summary>A call begins that disables or enables the item.</summary>
    public static void ChangesDepth(Call call)
    {
        ItemRecord record = s_items[call.Step.Item];
        call.IsOnlyOne = record.NrDepthReturned == record.NrDepthCalls;
        call.DepthCall = ++record.NrDepthCalls;
        record.NrEnabling += call.Step.Verb == Verb.Enable ? 1 : 0;
        record.LastDisabledAt = Machine.Steps;
    }

    /// <summary>Is the thread inside an item of that queue?</summary>
    public static bool IsInItemOf(SimThread self, int queue) => RunOf(self)?.Queue == queue;

    public static bool IsInIntensive(SimThread self) => RunOf(self) is { } run && Queues.IsIntensive(run.Queue);

    // The innermost run that the thread is inside, or null.
    private static Queueing? RunOf(SimThread self)
    {
        Queueing? run = null;
        foreach (Queueing queueing in Records.Queueings)
        {
            run = queueing.State == QueueingState.Running && queueing.RunsOn == self.Id ? queueing : run;
        }
        return run;
    }

    private static void Grabbed(SimThread self, ItemRecord record)
    {
        record.Canceller = self.Id;
        record.Grabbed = record.Outstanding;
        record.Outstanding = null;
        record.WasCancelled = true;
        if (record.Grabbed != null)
        {
            record.Grabbed.State = QueueingState.Grabbed;
        }
        if (self.Call != null)
        {
            self.Call.GrabbedAt = Machine.Steps;
            self.Call.QueueAtGrab = record.LastQueue;
        }
    }

    private static void LetGo(SimThread self, ItemRecord record, WorkWord old)
    {
        if (old.IsCanceling)
        {
            Released(self, record);
            return;
        }
        Queueing? queueing = record.Outstanding;
        record.Outstanding = null;
        if (queueing == null)
        {
            Machine.Fail("PENDING turned off where nobody had turned it on");
            return;
        }
        if (old.IsAt(Place.Scheduled))
        {
            queueing.State = QueueingState.Claimed;
            queueing.ClaimedAt = Machine.Steps;
            queueing.RunsOn = self.Id;
            s_claimedBy[self.Id] = queueing;
            return;
        }
        bool isUndone = self.Call != null && self.Call.Queueing == queueing;
        record.WasCancelled = true;
        queueing.State = isUndone ? QueueingState.Undone : QueueingState.Cancelled;
        if (self.Call != null && !isUndone)
        {
            self.Call.NrStolen++;
        }
    }

    // A canceller has taken the item for another one's and leaves it as it was.
    private static void GivenBack(SimThread self, ItemRecord record)
    {
        CheckCanceller(self, record);
        record.Outstanding = record.Grabbed;
        record.Grabbed = null;
        if (record.Outstanding != null)
        {
            bool hasReturned = record.Outstanding.ReturnedAt != int.MaxValue;
            record.Outstanding.State = hasReturned ? QueueingState.Accepted : QueueingState.InCall;
        }
        if (self.Call != null)
        {
            self.Call.GrabbedAt = -1;
        }
    }

    private static void CheckCanceller(SimThread self, ItemRecord record)
    {
        if (record.Canceller != self.Id)
        {
            Machine.Fail("an item is let go by a thread that does not hold it");
        }
        record.Canceller = -1;
    }

    private static void Released(SimThread self, ItemRecord record)
    {
        CheckCanceller(self, record);
        record.LastLetGoAt = self.Call?.Step.Verb is Verb.Cancel or Verb.CancelDelayed ? Machine.Steps : record.LastLetGoAt;
        if (record.Grabbed != null)
        {
            record.Grabbed.State = QueueingState.Cancelled;
            record.Grabbed = null;
            if (self.Call != null)
            {
                self.Call.NrStolen++;
            }
        }
    }

    private static ItemRecord[] MakeItems()
    {
        var items = new ItemRecord[Program.MaxItems];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = new ItemRecord();
        }
        return items;
    }
}
