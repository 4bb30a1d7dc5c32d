// SPDX-License-Identifier: GPL-2.0-only
using System.Linq;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Core;
using Wq.Os;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>The state word of an item and its transitions.</summary>
[Watched]
public unsafe class WorkTests
{
    private enum State
    {
        Idle,
        Queued,
        Timer,
        Scheduled,
        Canceling,
        Listed,
        Parked,
        Moving,
        Refused, // The transition says no, and the word is as it was.
        Never,   // The transition is not asked for in this state.
    }

    /// <summary>The table at the head of Work.cs. MoveTo and GiveUp wait in canceling and moving, so those cells are left out.</summary>
    public static TheoryData<string, string, string, string, string, string, string, string, string> Transitions { get; } = new()
    {
        //                   idle         queued       timer        scheduled    canceling    listed       parked       moving
        { "TrySetPending", "Queued", "Refused", "Refused", "Refused", "Refused", "Refused", "Refused", "Refused" },
        { "TrySetPendingTimer", "Timer", "Refused", "Refused", "Refused", "Refused", "Refused", "Refused", "Refused" },
        { "MoveTo", "Never", "Queued", "Never", "Never", "", "Never", "Never", "" },
        { "UndoSetPending", "Never", "Idle", "Idle", "Never", "Refused", "Never", "Never", "Refused" },
        { "GiveUp", "Never", "Idle", "Never", "Never", "", "Never", "Never", "" },
        { "SetExpired", "Never", "Never", "Queued", "Never", "Never", "Never", "Never", "Queued" },
        { "SetScheduled", "Never", "Scheduled", "Never", "Never", "Never", "Never", "Never", "Never" },
        { "SetPlace", "Never", "Listed", "Never", "Listed", "Never", "Listed", "Listed", "Never" },
        { "TryClaim", "Never", "Never", "Never", "Idle", "Refused", "Never", "Never", "Refused" },
        { "TrySetCanceling", "Canceling", "Canceling", "Canceling", "Canceling", "Never", "Canceling", "Canceling", "Never" },
        { "TrySetMoving", "Never", "Moving", "Never", "Moving", "Never", "Moving", "Moving", "Never" },
        { "UndoTaking", "Never", "Never", "Never", "Never", "Queued", "Never", "Never", "Queued" },
        { "SetMoving", "Never", "Never", "Moving", "Never", "Never", "Never", "Never", "Never" },
        { "SetArming", "Never", "Never", "Never", "Never", "Never", "Never", "Never", "Timer" },
        { "Release", "Never", "Never", "Idle", "Never", "Idle", "Never", "Never", "" },
        { "ReleaseFromParent", "Idle", "Idle", "Idle", "Idle", "Idle", "Idle", "Idle", "Idle" },
    };

    [Theory]
    [MemberData(nameof(Transitions))]
    public void EveryTransitionLeadsWhereTheTableSays(string transition, params string[] outcomes)
    {
        string[] met = [.. outcomes.Select((outcome, state) => outcome == "" ? "" : Outcome(transition, (State)state).ToString())];
        Assert.Equal(outcomes, met);
    }

    [Fact]
    public void WordsOfAllStatesAreDifferentAndValid()
    {
        PoolWorkqueue* pwq = NewLink();
        WorkWord[] words = [.. System.Enum.GetValues<Place>().Select(place => pwq->Word.At(place)), pwq->Word];
        Assert.Equal(words.Length, words.Select(word => word.Bits).Distinct().Count());
        Assert.All(words, word => Assert.True(PoolWorkqueue.IsValid(word)));
        nint link = (nint)pwq;
        Assert.All(words, word => Assert.Equal(link, (nint)PoolWorkqueue.Of(word)));
        Assert.All(words, word => Assert.Equal(words[^1].Bits, word.WithWaiters.Idle.Bits));
    }

    [Fact]
    public void WordsWithBitsThatNoStateHasAreNotValid()
    {
        WorkWord idle = NewLink()->Word;
        Assert.False(PoolWorkqueue.IsValid(idle.WithWaiters));
        Assert.False(PoolWorkqueue.IsValid(idle.At(Place.Timer).WithoutPending));
        for (int bit = 0; bit < WorkWord.FlagBits; bit++)
        {
            nuint flag = (nuint)1 << bit;
            bool isOfAState = bit is WorkWord.PendingBit or WorkWord.ByWorkerBit;
            Assert.Equal(isOfAState, PoolWorkqueue.IsValid(new WorkWord(idle.Bits | flag)));
        }
    }

    [Fact]
    public void AnInitialisedItemIsIdleAndUnlinked()
    {
        Work work;
        Work.Init(&work, s_nothing);
        Assert.Equal(0u, work.Data);
        Assert.False(Work.IsPending(&work));
        Assert.False(Work.IsListed(&work));
        Assert.True(PoolWorkqueue.IsValid(Work.WordOf(&work)));
        Assert.True(Work.OfEntry(&work.Entry) == &work);
    }

    [Fact]
    public void OnlyOneOfTwoQueueingsSetsPending()
    {
        PoolWorkqueue* pwq = NewLink();
        Work work;
        Work.Init(&work, s_nothing);
        Assert.True(TrySetPending(&work, pwq, work.Data));
        Assert.True(Work.IsPending(&work));
        Assert.True(PoolWorkqueue.Of(Work.WordOf(&work)) == pwq);
        Assert.False(TrySetPending(&work, pwq, work.Data));
        Assert.False(TrySetPending(&work, pwq, idle: 0)); // A stale reading makes no difference.
    }

    [Fact]
    public void ClaimingClearsTheFlagsAndKeepsTheQueue()
    {
        PoolWorkqueue* pwq = NewLink();
        Work work;
        Work.Init(&work, s_nothing);
        TrySetPending(&work, pwq, work.Data);
        Work.SetScheduled(&work);
        Assert.True(Work.TryClaim(&work, pwq->Word, out WorkWord claimed));
        Assert.Equal(pwq->Word.Bits, work.Data);
        Assert.Equal(pwq->Word.At(Place.Scheduled).Bits, claimed.Bits);
        Assert.True(TrySetPending(&work, pwq, work.Data));
    }

    [Fact]
    public void ACancelledItemCannotBeClaimedOrQueued()
    {
        PoolWorkqueue* pwq = NewLink();
        Work work;
        Work.Init(&work, s_nothing);
        TrySetPending(&work, pwq, work.Data);
        Work.SetScheduled(&work);
        Assert.False(Work.TrySetCanceling(&work, from: pwq->Word.At(Place.Queued)));
        Assert.True(Work.TrySetCanceling(&work, Work.WordOf(&work)));
        Assert.True(Work.WordOf(&work).IsCanceling);
        Assert.False(Work.TryClaim(&work, pwq->Word, out _));
        Assert.False(TrySetPending(&work, pwq, work.Data));
        Work.Release(&work);
        Assert.Equal(pwq->Word.Bits, work.Data);
    }

    [Fact]
    public void ASecondCancellerSleepsUntilTheFirstIsThrough()
    {
        using var memory = Pinned<Work>.Zeroed();
        Work* work = memory.At;
        Work.Init(work, s_nothing);
        Assert.True(Work.TrySetCanceling(work, default));
        bool through = false;
        var second = Within.Start(() =>
        {
            for (WorkWord word = Work.WordOf(work); word.IsCanceling; word = Work.WordOf(work))
                Work.WaitForOwner(work, word, Clock.Never);
            through = true;
        });
        Within.Until(() => Work.WordOf(work).HasWaiters, "the second canceller");
        Assert.False(through);
        Work.Release(work);
        Within.Join(second);
        Assert.Equal(0u, work->Data);
    }

    [Fact]
    public void WordsOfUninitialisedItemsAreNotValid()
    {
        Within.EngineIsReady();
        WorkWord last = WorkWord.IdleOn(TypeStable.NumberOf(PoolWorkqueue.Slots, (nuint)NewLink()));
        Assert.True(PoolWorkqueue.IsValid(default));
        Assert.True(PoolWorkqueue.IsValid(default(WorkWord).At(Place.Queued)));
        Assert.True(PoolWorkqueue.IsValid(last));
        Assert.True(PoolWorkqueue.IsValid(last.Deep(WorkWord.MaxDepth)));
        Assert.True(PoolWorkqueue.IsValid(default(WorkWord).Deep(1)));
        Assert.False(PoolWorkqueue.IsValid(WorkWord.IdleOn(last.Number + 1)));
        foreach (ulong bits in new ulong[] { 0xa5a5a5a5a5a5a5a5, 0x100, 0x400, ulong.MaxValue, 1UL << 63 })
        {
            Assert.False(PoolWorkqueue.IsValid(new WorkWord((nuint)bits)), $"{bits:x}");
        }
    }

    [Fact]
    public void AnInboxChainsItemsNewestFirst()
    {
        using var items = Pinned<Work>.Zeroed(3);
        Inbox inbox;
        Inbox.Open(&inbox);
        Assert.True(Inbox.TakeAll(&inbox) == null);
        for (int i = 0; i < 3; i++)
        {
            Work.Init(items.At + i, s_nothing);
            Assert.Equal(i == 0 ? PushResult.First : PushResult.Queued, Inbox.Push(&inbox, items.At + i));
        }
        Assert.False(Inbox.IsEmpty(&inbox));
        Work* newest = Inbox.TakeAll(&inbox);
        Assert.True(newest == items.At + 2);
        Assert.True(Inbox.OlderOf(newest) == items.At + 1);
        Assert.True(Inbox.OlderOf(items.At + 1) == items.At);
        Assert.True(Inbox.OlderOf(items.At) == null);
        Assert.True(Inbox.IsEmpty(&inbox));
    }

    [Fact]
    public void TheFirstPushToASleepingInboxMustWakeAndOnlyTheFirst()
    {
        using var items = Pinned<Work>.Zeroed(2);
        Work.Init(items.At, s_nothing);
        Work.Init(items.At + 1, s_nothing);
        Inbox inbox;
        Inbox.Open(&inbox);
        Assert.True(Inbox.TryFallAsleep(&inbox));
        Assert.True(Inbox.IsAsleep(&inbox));
        Assert.Equal(PushResult.MustWake, Inbox.Push(&inbox, items.At));
        Assert.Equal(PushResult.Queued, Inbox.Push(&inbox, items.At + 1));
        Assert.False(Inbox.TryFallAsleep(&inbox));
        Assert.True(Inbox.OlderOf(Inbox.TakeAll(&inbox)) == items.At);
        Assert.True(Inbox.OlderOf(items.At) == null);
    }

    [Fact]
    public void ADeadInboxRefusesAndLeavesTheItemUnlinked()
    {
        Inbox inbox;
        Inbox.Open(&inbox);
        Assert.True(Inbox.TryDie(&inbox));
        Work work;
        Work.Init(&work, s_nothing);
        Assert.Equal(PushResult.Refused, Inbox.Push(&inbox, &work));
        Assert.False(Work.IsListed(&work));
        Assert.True(ListHead.IsEmpty(&work.Entry));
        Assert.False(Inbox.TryFallAsleep(&inbox));
    }

    [Fact]
    public void ABatchIsARingThatKeepsTheOrder()
    {
        using var batch = Pinned<Batch>.Zeroed();
        using var items = Pinned<Work>.Zeroed(Batch.Capacity + 1);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i <= Batch.Capacity; i++)
            {
                Work.InitPending(items.At + i, s_nothing, default);
                Assert.Equal(i < Batch.Capacity, Batch.TryAppend(batch.At, items.At + i, record: 0, runner: 0));
            }
            Assert.Equal(0, batch.At->Room);
            for (int i = 0; i < Batch.Capacity; i++)
            {
                nuint* slot = Batch.Peek(batch.At);
                Assert.Equal((nuint)(items.At + i), *slot);
                *slot = 0;
                Batch.Advance(batch.At);
            }
            Assert.True(batch.At->IsEmpty);
        }
    }

    [Fact]
    public void RemovingFromABatchLeavesAHole()
    {
        using var batch = Pinned<Batch>.Zeroed();
        using var items = Pinned<Work>.Zeroed(3);
        for (int i = 0; i < 3; i++)
        {
            Work.InitPending(items.At + i, s_nothing, default);
            Batch.TryAppend(batch.At, items.At + i, record: 0, runner: 0);
        }
        Assert.True(Batch.TryRemove(batch.At, items.At + 1, out _));
        Assert.False(Batch.TryRemove(batch.At, items.At + 1, out _));
        Assert.Equal((nuint)items.At, *Batch.Peek(batch.At));
        Batch.Advance(batch.At);
        Assert.Equal(0u, *Batch.Peek(batch.At));
        Batch.Advance(batch.At);
        Assert.Equal((nuint)(items.At + 2), *Batch.Peek(batch.At));
    }

    private static readonly delegate* unmanaged[SuppressGCTransition]<Work*, void> s_nothing =
        (delegate* unmanaged[SuppressGCTransition]<Work*, void>)(delegate*<Work*, void>)&Nothing;

    private static readonly Place[] s_places =
        [Place.Queued, Place.Timer, Place.Scheduled, Place.Canceling, Place.Listed, Place.Parked, Place.Moving];

    private static void Nothing(Work* work)
    {
    }

    // A link that no queue uses; its slot is not given back.
    private static PoolWorkqueue* NewLink()
    {
        Within.EngineIsReady();
        var pwq = (PoolWorkqueue*)TypeStable.Alloc(PoolWorkqueue.Slots);
        pwq->Word = WorkWord.IdleOn(TypeStable.NumberOf(PoolWorkqueue.Slots, (nuint)pwq));
        return pwq;
    }

    private static bool TrySetPending(Work* work, PoolWorkqueue* pwq, nuint idle)
    {
        var word = new WorkWord(idle);
        return Work.TrySetPending(work, pwq->Word, Place.Queued, ref word);
    }

    // An item brought into a state has the transition made; what it is then.
    private static State Outcome(string transition, State from)
    {
        PoolWorkqueue* pwq = NewLink();
        WorkWord idle = pwq->Word;
        Work work;
        Work.Init(&work, s_nothing);
        work.Data = (from == State.Idle ? idle : idle.At(s_places[from - State.Queued])).Bits;
        try
        {
            return Make(transition, &work, idle) ? StateOf(Work.WordOf(&work)) : State.Refused;
        }
        catch (System.ArgumentOutOfRangeException)
        {
            return State.Never;
        }
    }

    private static State StateOf(WorkWord word) =>
        !word.IsPending ? State.Idle : State.Queued + System.Array.FindIndex(s_places, word.IsAt);

    private static bool Make(string transition, Work* work, WorkWord idle)
    {
        WorkWord word = Work.WordOf(work);
        switch (transition)
        {
            case "TrySetPending":
                return Work.TrySetPending(work, idle, Place.Queued, ref word);
            case "TrySetPendingTimer":
                return Work.TrySetPending(work, idle, Place.Timer, ref word);
            case "MoveTo":
                Work.MoveTo(work, idle);
                return true;
            case "UndoSetPending":
                return Work.UndoSetPending(work, idle);
            case "GiveUp":
                Work.GiveUp(work, idle);
                return true;
            case "SetExpired":
                Work.SetExpired(work, idle);
                return true;
            case "SetScheduled":
                Work.SetScheduled(work);
                return true;
            case "TryClaim":
                return Work.TryClaim(work, idle, out _);
            case "SetPlace":
                Work.SetPlace(work, word.At(Place.Listed));
                return true;
            case "TrySetCanceling":
                return Work.TrySetCanceling(work, word);
            case "TrySetMoving":
                return Work.TrySetMoving(work, word, idle);
            case "SetMoving":
                Work.SetMoving(work, idle);
                return true;
            case "SetArming":
                Work.SetArming(work, idle);
                return true;
            case "UndoTaking":
                Work.UndoTaking(work, idle.At(Place.Queued));
                return true;
            case "Release":
                Work.Release(work);
                return true;
            default:
                Work.ReleaseFromParent(work);
                return true;
        }
    }
}
