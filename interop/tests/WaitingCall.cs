// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.IO;
using System.Threading;

namespace Workqueues.Tests;

/// <summary>A thread that makes one call, which is seen to wait by what the kernel says of the thread.</summary>
internal sealed class WaitingCall
{
    private const int Looks = 20; // in a row: on its way to the call a thread may sleep for a moment too

    private readonly Thread _thread;
    private int _id; // of the thread; 0 before the call

    private WaitingCall(Action call)
    {
        _thread = Background.Start(() =>
        {
            Volatile.Write(ref _id, CurrentThread.Id());
            call();
        });
    }

    public static WaitingCall Start(Action call) => new(call);

    /// <summary>Waits until the call sleeps; false if it returned instead.</summary>
    public bool Sleeps()
    {
        int asleep = 0;
        while (asleep < Looks && _thread.IsAlive)
        {
            asleep = IsAsleep() ? asleep + 1 : 0;
            Thread.Yield();
        }
        return asleep == Looks;
    }

    public void Join() => Background.JoinAll(_thread);

    // The state follows the name, which is in parentheses and may have some in it.
    private bool IsAsleep()
    {
        int id = Volatile.Read(ref _id);
        if (id == 0)
            return false;
        try
        {
            string stat = File.ReadAllText($"/proc/self/task/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'S';
        }
        catch (IOException)
        {
            return false; // It has ended.
        }
    }
}
