// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Linq;
using System.Threading;
using Wq.Os;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>The mutex and the completion.</summary>
[Watched]
public unsafe class FutexMutexTests
{
    private const int Free = 0;
    private const int Locked = 1;
    private const int Contended = 2;

    [Fact]
    public void ZeroedMemoryIsAFreeMutexOfOneWord()
    {
        FutexMutex mutex = default;
        Assert.False(mutex.IsHeld);
        Assert.Equal(sizeof(int), sizeof(FutexMutex));
    }

    [Fact]
    public void LockAndUnlockWithoutRivalsUseTwoStates()
    {
        FutexMutex mutex = default;
        FutexMutex.Lock(&mutex);
        Assert.True(mutex.IsHeld);
        Assert.Equal(Locked, *(int*)&mutex);
        FutexMutex.Unlock(&mutex);
        Assert.False(mutex.IsHeld);
        Assert.Equal(Free, *(int*)&mutex);
    }

    [Fact]
    public void AWaiterMarksTheMutexContendedAndGetsItAfterUnlock()
    {
        using var memory = Pinned<FutexMutex>.Zeroed();
        FutexMutex* mutex = memory.At;
        int entered = 0;
        FutexMutex.Lock(mutex);
        Thread waiter = Within.Start(() =>
        {
            FutexMutex.Lock(mutex);
            Volatile.Write(ref entered, 1);
            FutexMutex.Unlock(mutex);
        });
        Within.Until(() => HasWaiter(mutex), "the waiter");
        Assert.Equal(0, Volatile.Read(ref entered));
        FutexMutex.Unlock(mutex);
        Within.Join(waiter);
        Assert.Equal(1, entered);
        Assert.False(mutex->IsHeld);
    }

    [Fact]
    public void NoTwoThreadsAreInsideAtOnce()
    {
        const int Threads = 4, Rounds = 50_000;
        using var memory = Pinned<FutexMutex>.Zeroed();
        FutexMutex* mutex = memory.At;
        int inside = 0, violations = 0, running = Threads;
        long count = 0;
        Thread[] threads = Enumerable.Range(0, Threads).Select(_ => Within.Start(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                FutexMutex.Lock(mutex);
                if (Interlocked.Increment(ref inside) != 1)
                    violations++;
                count++; // not atomic: the lock protects it
                if (i % 1_000 == 0) // Held until a rival waits for it, which one does while one is left.
                    SpinWait.SpinUntil(() => HasWaiter(mutex) || Volatile.Read(ref running) == 1);
                Interlocked.Decrement(ref inside);
                FutexMutex.Unlock(mutex);
            }
            Interlocked.Decrement(ref running);
        })).ToArray();
        Within.Join(threads);
        Assert.Equal(0, violations);
        Assert.Equal((long)Threads * Rounds, count);
        Assert.False(mutex->IsHeld);
    }

    [Fact]
    public void ACompletionCompletedBeforeTheWaitDoesNotBlock()
    {
        Completion completion;
        Completion.Init(&completion);
        Completion.Complete(&completion);
        Completion.Wait(&completion);
        Completion.Wait(&completion);
    }

    [Fact]
    public void AWaiterIsWokenByComplete()
    {
        const int Asleep = 2;
        using var memory = Pinned<Completion>.Zeroed();
        Completion* completion = memory.At;
        Completion.Init(completion);
        int written = 0, seen = 0;
        Thread waiter = Within.Start(() =>
        {
            Completion.Wait(completion);
            seen = written;
        });
        Within.Until(() => Volatile.Read(ref *(int*)completion) == Asleep, "the sleeper");
        written = 42;
        Completion.Complete(completion);
        Within.Join(waiter);
        Assert.Equal(42, seen);
    }

    [Fact]
    public void AWaitWithALimitEndsAtItAndMayBeMadeAgain()
    {
        const long LimitNs = 2_000_000;
        Completion completion;
        Completion.Init(&completion);
        for (int i = 0; i < 2; i++)
        {
            long atNs = Clock.NowNs() + LimitNs;
            Assert.False(Completion.WaitUntil(&completion, atNs));
            Assert.True(Clock.NowNs() >= atNs);
        }
        Assert.False(Completion.WaitUntil(&completion, 0)); // A time that is over.
        Completion.Complete(&completion);
        Assert.True(Completion.WaitUntil(&completion, 0));
        Completion.Wait(&completion);
    }

    [Fact]
    public void CompletionsPassedBackAndForthLoseNoWakeUp()
    {
        const int Rounds = 5_000;
        using var memory = Pinned<Completion>.Zeroed(2 * Rounds);
        Completion* completions = memory.At;
        for (int i = 0; i < 2 * Rounds; i++)
            Completion.Init(completions + i);
        Thread partner = Within.Start(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                Completion.Wait(completions + (2 * i));
                Completion.Complete(completions + (2 * i) + 1);
            }
        });
        for (int i = 0; i < Rounds; i++)
        {
            Completion.Complete(completions + (2 * i));
            Completion.Wait(completions + (2 * i) + 1);
        }
        Within.Join(partner);
    }

    private static bool HasWaiter(FutexMutex* mutex) => Volatile.Read(ref *(int*)mutex) == Contended;
}
