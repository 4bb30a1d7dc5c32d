// SPDX-License-Identifier: GPL-2.0-only
// A mutex in one futex word with three named states.
//
// Free -> Locked is one compare-exchange. A second thread sets Contended and
// sleeps. Unlock wakes one sleeper if it finds Contended. A waiter takes the
// lock as Contended, because others may still sleep. Zeroed memory is a free
// mutex. Not recursive, not fair. Unlock's exchange is its last access to the
// word, so the next owner may free the mutex.

using System.Runtime.CompilerServices;
using Wq.Base;

namespace Wq.Os;

internal unsafe struct FutexMutex
{
    private const int Free = 0;
    private const int Locked = 1;
    private const int Contended = 2;
#if WQ_SIM
    private const int SpinCount = 1;
#else
    private const int SpinCount = 100;
#endif

    private int _state;

    /// <summary>True while a thread holds the lock; an acquire load.</summary>
    public bool IsHeld => Atomic.Load(ref _state) != Free;

    /// <summary>IsHeld by a plain read, for contracts.</summary>
    public static bool LooksHeld(FutexMutex* mutex) => mutex->_state != Free;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lock(FutexMutex* mutex)
    {
        if (Atomic.CompareExchange(&mutex->_state, Locked, Free) != Free)
        {
            LockSlow(&mutex->_state);
        }
    }

    /// <summary>Takes the lock if it is free.</summary>
    public static bool TryLock(FutexMutex* mutex) => Atomic.CompareExchange(&mutex->_state, Locked, Free) == Free;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unlock(FutexMutex* mutex)
    {
        if (Atomic.Exchange(&mutex->_state, Free) == Contended)
        {
            Futex.Wake(&mutex->_state, 1);
        }
    }

    /// <summary>Lock for a mutex in a static field, which does not move.</summary>
    public static void LockStatic(ref FutexMutex mutex) => Lock(Address.Of(ref mutex));

    /// <summary>Unlock for a mutex in a static field.</summary>
    public static void UnlockStatic(ref FutexMutex mutex) => Unlock(Address.Of(ref mutex));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LockSlow(int* state)
    {
        for (int i = 0; i < SpinCount && Atomic.Load(state) == Locked; i++)
        {
            Cpus.Relax();
        }
        if (Atomic.CompareExchange(state, Locked, Free) == Free)
        {
            return;
        }
        while (Atomic.Exchange(state, Contended) != Free)
        {
            Futex.Wait(state, Contended);
        }
    }
}
