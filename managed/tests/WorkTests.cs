// SPDX-License-Identifier: GPL-2.0-only
using System.Linq;
using System.Numerics;
using System.Reflection;
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
    [Fact]
    public void StateBitsAreDisjointAndComplete()
    {
        nuint[] bits = typeof(Work).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(f => f.IsLiteral && f.Name.StartsWith("WORK_STRUCT_"))
            .Where(f => !f.Name.EndsWith("FLAGS") && !f.Name.EndsWith("MASK") && !f.Name.EndsWith("BITS"))
            .Select(f => (nuint)f.GetRawConstantValue()!.ToUnsigned()).ToArray();
        Assert.True(bits.Length >= 4);
        Assert.All(bits, bit => Assert.Equal(1, BitOperations.PopCount(bit)));
        Assert.Equal(bits.Length, bits.Distinct().Count());
        nuint all = bits.Aggregate((a, b) => a | b);
        Assert.Equal(Work.WORK_STRUCT_KNOWN_FLAGS, all);
        Assert.Equal(0u, all & ~Work.WORK_STRUCT_FLAG_MASK);
    }

    [Fact]
    public void AnInitialisedItemIsIdleAndUnlinked()
    {
        Work work;
        Work.Init(&work, s_nothing);
        Assert.Equal(0u, work.Data);
        Assert.False(Work.IsPending(&work));
        Assert.False(Work.IsListed(&work));
        Assert.True(Work.IsValid(work.Data));
        Assert.True(Work.OfEntry(&work.Entry) == &work);
    }

    [Fact]
    public void OnlyOneOfTwoQueueingsSetsPending()
    {
        PoolWorkqueue* pwq = NewLink();
        Work work;
        Work.Init(&work, s_nothing);
        Assert.True(TrySetPending(&work, pwq, flags: 0, work.Data));
        Assert.True(Work.IsPending(&work));
        Assert.True(Work.PwqOf(work.Data) == pwq);
        Assert.False(TrySetPending(&work, pwq, flags: 0, work.Data));
        Assert.False(TrySetPending(&work, pwq, flags: 0, idle: 0)); // A stale reading makes no difference.
    }

    [Fact]
    public void ClaimingClearsTheFlagsAndKeepsTheQueue()
    {
        PoolWorkqueue* pwq = NewLink();
        Work work;
        Work.Init(&work, s_nothing);
        TrySetPending(&work, pwq, flags: 0, work.Data);
        Work.SetBatched(&work);
        Assert.True(Work.TryClaim(&work));
        Assert.Equal(pwq->Data, work.Data);
        Assert.True(TrySetPending(&work, pwq, flags: 0, work.Data));
    }

    [Fact]
    public void ACancelledItemCannotBeClaimedOrQueued()
    {
        PoolWorkqueue* pwq = NewLink();
        Work work;
        Work.Init(&work, s_nothing);
        TrySetPending(&work, pwq, flags: 0, work.Data);
        Work.SetBatched(&work);
        Assert.False(Work.TrySetCanceling(&work, from: work.Data & ~Work.WORK_STRUCT_BATCHED));
        Assert.True(Work.TrySetCanceling(&work, work.Data));
        Assert.True(Work.IsCanceling(work.Data));
        Assert.False(Work.TryClaim(&work));
        Assert.False(TrySetPending(&work, pwq, flags: 0, work.Data));
        Work.Release(&work);
        Assert.Equal(pwq->Data, work.Data);
    }

    [Fact]
    public void ASecondCancellerSleepsUntilTheFirstIsThrough()
    {
        using var memory = Pinned<Work>.Zeroed();
        Work* work = memory.At;
        Work.Init(work, s_nothing);
        Assert.True(Work.TrySetCanceling(work, 0));
        bool through = false;
        var second = Within.Start(() =>
        {
            for (nuint data = Atomic.Load(&work->Data); Work.IsCanceling(data); data = Atomic.Load(&work->Data))
                Work.WaitForOwner(work, data, Clock.Never);
            through = true;
        });
        Within.Until(() => (Atomic.Load(&work->Data) & Work.WORK_STRUCT_CANCEL_WAITERS) != 0, "the second canceller");
        Assert.False(through);
        Work.Release(work);
        Within.Join(second);
        Assert.Equal(0u, work->Data);
    }

    [Fact]
    public void WordsOfUninitialisedItemsAreNotValid()
    {
        Within.EngineIsReady();
        Assert.True(Work.IsValid(0));
        Assert.True(Work.IsValid(Work.WORK_STRUCT_PENDING));
        Assert.False(Work.IsValid(Work.WORK_STRUCT_KNOWN_FLAGS + 1));
        Assert.False(Work.IsValid(unchecked((nuint)0xa5a5a5a5a5a5a5a5)));
        Assert.False(Work.IsValid(0x100));
        Assert.True(Work.IsValid(NewLink()->Data));
        Assert.False(Work.IsValid(Work.IdleOn(TypeStable.NumberOf(PoolWorkqueue.Slots, (nuint)NewLink()) + 1)));
        Assert.False(Work.IsValid(0x100));
        Assert.False(Work.IsValid(nuint.MaxValue));
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
            Assert.Equal(PushResult.Queued, Inbox.Push(&inbox, items.At + i));
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
                Work.Init(items.At + i, s_nothing);
                Assert.Equal(i < Batch.Capacity, Batch.TryAppend(batch.At, items.At + i));
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
            Work.Init(items.At + i, s_nothing);
            Batch.TryAppend(batch.At, items.At + i);
        }
        Assert.True(Batch.TryRemove(batch.At, items.At + 1));
        Assert.False(Batch.TryRemove(batch.At, items.At + 1));
        Assert.Equal((nuint)items.At, *Batch.Peek(batch.At));
        Batch.Advance(batch.At);
        Assert.Equal(0u, *Batch.Peek(batch.At));
        Batch.Advance(batch.At);
        Assert.Equal((nuint)(items.At + 2), *Batch.Peek(batch.At));
    }

    private static readonly delegate* unmanaged[SuppressGCTransition]<Work*, void> s_nothing =
        (delegate* unmanaged[SuppressGCTransition]<Work*, void>)(delegate*<Work*, void>)&Nothing;

    private static void Nothing(Work* work)
    {
    }

    // A link that no queue uses; its slot is not given back.
    private static PoolWorkqueue* NewLink()
    {
        Within.EngineIsReady();
        var pwq = (PoolWorkqueue*)TypeStable.Alloc(PoolWorkqueue.Slots);
        pwq->Data = Work.IdleOn(TypeStable.NumberOf(PoolWorkqueue.Slots, (nuint)pwq));
        return pwq;
    }

    private static bool TrySetPending(Work* work, PoolWorkqueue* pwq, nuint flags, nuint idle) =>
        Work.TrySetPending(work, pwq, flags, ref idle);
}
