// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>A second copy of the assembly in a load context that can be unloaded.</summary>
[Watched]
public class UnloadTests
{
    [Fact]
    public void AContextWithIdleItemsMayBeUnloaded()
    {
        WeakReference context = UseInContext(leaveQueued: false, out _);
        for (int i = 0; i < 20 && context.IsAlive; i++)
            Collect();
        // Whether the runtime has let go of it or not: the items of this context go on.
        using Workqueue queue = Workqueue.CreateSingleThread("afterunload");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public void AContextWithAnItemWhoseDelayRunsStaysUntilItHasRun()
    {
        WeakReference context = UseInContext(leaveQueued: true, out Gate ran);
        for (int i = 0; i < 5; i++)
            Collect();
        Assert.True(context.IsAlive);
        ran.Pass("run of the item whose context is being unloaded");
    }

    [Fact]
    public void AnItemThatAFinalizerQueuesWhileItsContextIsUnloadedRuns()
    {
        Gate ran = new();
        QueueInFinalizerOfContext(ran);
        var handles = new GCHandle[500]; // which take the places of any that the context gives up
        Collect();
        for (int i = 0; i < handles.Length; i++)
            handles[i] = GCHandle.Alloc(new object());
        ran.Pass("run of the item that a finalizer has queued");
        for (int i = 0; i < 10; i++)
            Collect();
        Assert.All(handles, handle => Assert.IsType<object>(handle.Target));
        Array.ForEach(handles, handle => handle.Free());
    }

    [Fact]
    public unsafe void AContextWithAHandlerOfReportsStays()
    {
        WeakReference context = SubscribeInContext();
        for (int i = 0; i < 5; i++)
            Collect();
        Assert.True(context.IsAlive);
        NativeMethods.wq_set_log_handler(null, null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void QueueInFinalizerOfContext(Gate ran)
    {
        var context = new AssemblyLoadContext("finalizer", isCollectible: true);
        Assembly copy = context.LoadFromAssemblyPath(typeof(Workqueue).Assembly.Location);
        Type queueType = copy.GetType("Workqueues.Workqueue")!, itemType = copy.GetType("Workqueues.DelayedWorkItem")!;
        Type rootsType = copy.GetType("Workqueues.ItemRoots")!;
        object queue = queueType.GetMethod("CreateSingleThread")!.Invoke(null, ["finalizer"])!;
        itemType.GetMethod("TryQueue")!.Invoke(Activator.CreateInstance(itemType, (Action)(() => { })), [queue]);
        queueType.GetMethod("Flush")!.Invoke(queue, null);
        // Idle, and let go: what keeps items is found unreachable together with the object that queues one.
        object roots = rootsType.GetField("All", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        rootsType.GetMethod("Sweep", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(roots, null);
        _ = new QueuesInFinalizer(itemType, queue, ran);
        context.Unload();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference SubscribeInContext()
    {
        var context = new AssemblyLoadContext("listener", isCollectible: true);
        Assembly copy = context.LoadFromAssemblyPath(typeof(Workqueue).Assembly.Location);
        EventInfo reported = copy.GetType("Workqueues.WorkqueueLog")!.GetEvent("Reported")!;
        Action<object?, EventArgs> nothing = static (_, _) => { };
        reported.AddEventHandler(
            null, Delegate.CreateDelegate(reported.EventHandlerType!, nothing.Target, nothing.Method));
        context.Unload();
        return new WeakReference(context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseInContext(bool leaveQueued, out Gate ran)
    {
        var context = new AssemblyLoadContext("guest", isCollectible: true);
        Assembly copy = context.LoadFromAssemblyPath(typeof(Workqueue).Assembly.Location);
        Assert.NotSame(typeof(Workqueue).Assembly, copy);
        Type queueType = copy.GetType("Workqueues.Workqueue")!, itemType = copy.GetType("Workqueues.DelayedWorkItem")!;
        var queue = (IDisposable)queueType.GetMethod("CreateSingleThread")!.Invoke(null, ["guest"])!;
        ran = new Gate();
        object item = Activator.CreateInstance(itemType, (Action)ran.Open)!;
        itemType.GetMethod("TryQueue")!.Invoke(item, [queue]);
        queueType.GetMethod("Flush")!.Invoke(queue, null);
        ran.Pass("run in the guest context");
        if (leaveQueued)
        {
            ran = new Gate();
            item = Activator.CreateInstance(itemType, (Action)ran.Open)!;
            itemType.GetMethod("Schedule")!.Invoke(item, [queue, TimeSpan.FromMilliseconds(300)]);
        }
        else
        {
            queue.Dispose();
        }
        context.Unload();
        return new WeakReference(context);
    }

    private sealed class QueuesInFinalizer(Type itemType, object queue, Gate ran)
    {
        ~QueuesInFinalizer() => itemType.GetMethod("TryQueue")!.Invoke(
            Activator.CreateInstance(itemType, (Action)ran.Open), [queue]);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Thread.Yield();
    }
}
