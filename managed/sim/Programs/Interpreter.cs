// SPDX-License-Identifier: GPL-2.0-only
// Runs a program on the simulated threads: the main one sets up without choices,
// starts the callers, waits for them, and takes the queues down.
//
// Every call of the program is told to the oracle before and after. All state here
// is of the run under way.

using Wq.Core;
using Wq.Os;
using Wq.Timers;

namespace Wq.Sim;

internal sealed unsafe class Interpreter(Program program) : Script
{
    private const int NoQueue = -1;
    private const int LastJiffies = 30; // Longer than a late refusal of membarrier takes.
    private const int MaxRests = 4;
    private const int PausesBeforeSleep = 64;
    private const int Never = int.MaxValue;

    private static Program s_program = new();
    private static bool s_freezing;
    private static bool s_atRest;
    private static int s_frozenAt; // The step at which freezing had begun.

    public static Program Program => s_program;

    public override int NrCpus => program.NrCpus;

    /// <summary>Must no item of this queue begin now?</summary>
    public static bool IsAtRest(int queue) =>
        s_atRest && Queues.IsFreezeable(queue);

    /// <summary>Had freezing begun at <paramref name="step"/>, and has not been ended since?</summary>
    public static bool WasFrozen(int queue, int step) => s_frozenAt < step && Queues.IsFreezeable(queue);

    public override void Run(SimThread self)
    {
        if (self.Kind == ThreadKind.Main)
        {
            RunMain(self);
        }
        else
        {
            Run(self, program.Threads[self.Body].Steps);
        }
    }

    private void RunMain(SimThread self)
    {
        s_program = program;
        s_freezing = false;
        s_atRest = false;
        s_frozenAt = Never;
        Queues.Reset(program.Queues);
        Begun.Reset();
        Heap.Reset();
        Statics.Zero();
        Items.Reset((WorkFunc)(delegate*<Work*, void>)&Function);
        Ledger.Reset();
        Events.Reset();
        Wheels.Reset();
        Timeline.Reset(program.Timeline);
        CpuCalls.Reset();
        if (!Engine.EnsureReady())
        {
            Machine.Fail("the engine has no address space");
        }
        Notifiers.Register();
        for (int queue = 0; queue < program.Queues.Count; queue++)
        {
            if (!program.Queues[queue].IsLate)
            {
                Do(self, new Step(Verb.Create, queue));
            }
        }
        Settle();
        Trace.Forget();
        Run(self, program.First);
        RunThreads(self);
        Run(self, program.Last);
        CpuCalls.AtRest();
        Machine.IsQuiet = !program.ExploresTeardown;
        Kernel.MayRefuse = false;
        if (!program.ExploresTeardown)
        {
            ThawAndRest(self);
        }
        TakeDown(self);
        ThawAndRest(self); // What is still armed would fire now.
        for (int left = MaxRests; left > 0 && Kernel.HasTimeToPass; left--)
        {
            ThawAndRest(self); // The looks at a pool end, and its workers.
        }
        Judge.AtEnd();
    }

    private void RunThreads(SimThread self)
    {
        int first = Machine.NrThreads;
        for (int i = 0; i < program.Threads.Count; i++)
        {
            SimThread caller = Machine.Spawn(ThreadKind.Caller)!;
            caller.Cpu = program.Threads[i].Cpu;
            caller.Body = i;
        }
        int last = Machine.NrThreads;
        Kernel.MayRefuse = program.HasFaults;
        Kernel.RefusesThreads = program.HasNoThreads;
        Timeline.Begin();
        Machine.IsQuiet = false;
        for (int id = first; id < last; id++)
        {
            Kernel.JoinThread((nuint)id + 1);
        }
        Kernel.RefusesThreads = false;
        Machine.IsQuiet = true;
    }

    // Lets workers come to rest: those of a new queue fall asleep, those of the global one finish.
    private static void Settle()
    {
        for (int nr = 1; Machine.IsAnybodyElseReady; nr++)
        {
            Machine.Pause();
            if (nr % PausesBeforeSleep == 0)
            {
                Kernel.Sleep((long)Deadline.NsPerJiffy); // They wait for something that comes with time.
            }
        }
    }

    // Whatever is pending or armed runs.
    private static void ThawAndRest(SimThread self)
    {
        if (s_freezing)
        {
            Do(self, new Step(Verb.Thaw));
        }
        Kernel.Sleep(LastJiffies * (long)Deadline.NsPerJiffy);
        Settle();
    }

    private static void TakeDown(SimThread self)
    {
        if (s_freezing)
        {
            Do(self, new Step(Verb.Thaw));
        }
        SystemWorkqueues.FlushScheduledWork(); // What no worker could be made for runs.
        for (int queue = 0; queue < s_program.Queues.Count; queue++)
        {
            if (Queues.At(queue) != null)
            {
                Do(self, new Step(Verb.Destroy, queue));
            }
        }
    }

    private static void Run(SimThread self, Step[] steps)
    {
        foreach (Step step in steps)
        {
            Do(self, step);
        }
    }

    private static void RunItem(SimThread self, int item, Step[] steps)
    {
        foreach (Step step in steps)
        {
            Timeline.Before(item, step.Verb);
            Do(self, step);
            Timeline.After(item, step.Verb);
        }
    }

    private static void Do(SimThread self, Step step)
    {
        Call call = Records.TakeCall();
        call.Step = step;
        call.Outer = self.Call;
        call.BeganAt = Machine.Steps;
        call.BeganNs = Kernel.NowNs;
        call.GrabbedAt = -1;
        call.QueueAtGrab = NoQueue;
        call.NrStolen = 0;
        call.NrMoved = 0;
        call.Moved = null;
        call.WasRefused = false;
        call.Queueing = null;
        call.MustBeRefused = step.Verb == Verb.Queue && Queues.IsDrained(step.Queue) && !Ledger.IsInItemOf(self, step.Queue);
        call.Error = Errno.None;
        call.Nr = 0;
        self.Call = call;
        Trace.Begin(self, step);
        bool result = Make(self, step);
        Trace.End(self, step, result);
        self.Call = call.Outer;
        Judge.Returned(self, call, result);
    }

    private static bool Make(SimThread self, in Step step)
    {
        Workqueue* wq = step.Queue >= 0 ? Queues.At(step.Queue) : null;
        if (step.Queue >= 0 && wq == null && step.Verb != Verb.Create)
        {
            self.Call!.WasRefused = true; // It could not be created.
            return false;
        }
        switch (step.Verb)
        {
            case Verb.Queue or Verb.Delay or Verb.Mod or Verb.Schedule:
                return Queueings.Make(self, step, wq);
            case Verb.Recall:
                return Cancel.CancelWork(Items.WorkOf(step.Item));
            case Verb.Cancel:
                return Cancel.CancelWorkSync(Items.WorkOf(step.Item));
            case Verb.Disable:
                Ledger.ChangesDepth(self.Call!);
                return Disable.DisableWork(Items.WorkOf(step.Item), out _);
            case Verb.DisableSync:
                Ledger.ChangesDepth(self.Call!);
                return Disable.DisableWorkSync(Items.WorkOf(step.Item), WaitCall.DisableWorkSync);
            case Verb.Enable:
                Ledger.ChangesDepth(self.Call!);
                return Disable.EnableWork(Items.WorkOf(step.Item));
            case Verb.CancelTimer:
                return Delayed.CancelDelayedWork(Items.At(step.Item));
            case Verb.CancelDelayed:
                return Cancel.CancelDelayedWorkSync(Items.At(step.Item));
            case Verb.Flush:
                FlushQueue(wq);
                return true;
            case Verb.Drain:
                Drain.DrainWorkqueue(wq);
                return true;
            case Verb.FlushWork:
                return Flush.FlushWork(Items.WorkOf(step.Item), WaitCall.FlushWork);
            case Verb.FlushDelayed:
                Ledger.Hurry(step.Item);
                return Flush.FlushDelayedWork(Items.At(step.Item));
            case Verb.Create:
                return Queues.Create(step.Queue);
            case Verb.Limit:
                return Queues.SetLimit(step);
            case Verb.Congested:
                return Ask.IsCongested(step.Cpu, wq);
            case Verb.Destroy:
                return Queues.Destroy(step.Queue, isLast: self.Kind == ThreadKind.Main);
            case Verb.Close:
                return Queues.Close(step.Queue);
            default:
                return MakeOther(self, step);
        }
    }

    private static void FlushQueue(Workqueue* wq)
    {
        if (wq != null)
        {
            Flush.FlushWorkqueue(wq, WaitCall.FlushWorkqueue);
        }
        else
        {
            SystemWorkqueues.FlushScheduledWork();
        }
    }

    private static bool MakeOther(SimThread self, in Step step)
    {
        switch (step.Verb)
        {
            case Verb.Freeze:
                s_freezing = true;
                Freezer.Begin();
                s_frozenAt = Machine.Steps;
                break;
            case Verb.Rest:
                while (Freezer.IsBusy())
                {
                    Machine.Pause();
                }
                s_atRest = s_freezing;
                break;
            case Verb.Thaw:
                s_atRest = false;
                s_freezing = false;
                s_frozenAt = Never;
                Freezer.Thaw();
                break;
            case Verb.Up or Verb.Down or Verb.Rescan or Verb.Allow or Verb.Hold or Verb.Release:
                return CpuSteps.Make(self, self.Call!);
            case Verb.Each:
                SystemWorkqueues.ScheduleOnEachCpu((WorkFunc)(delegate*<Work*, void>)&EachFunction);
                break;
            case Verb.Free:
                Items.Free(step.Item);
                break;
            case Verb.Reclaim:
                return Reclaim(step.Item);
            case Verb.Await:
                while (!Begun.Has(step.Item))
                {
                    Machine.Pause();
                }
                break;
            case Verb.Block:
                Begun.Await(step.Item);
                break;
            case Verb.Move:
                self.Cpu = step.Cpu;
                break;
            case Verb.Sleep:
                Kernel.Sleep(step.Jiffies * (long)Deadline.NsPerJiffy);
                break;
            case Verb.Burn:
                Kernel.Compute(step.Jiffies * (long)Deadline.NsPerJiffy);
                break;
            case Verb.Yield:
                Machine.Pause();
                break;
            case Verb.Stand:
                return Freezer.TryToFreeze();
            case Verb.Tell or Verb.GoOn:
                Tell(self, step.Verb == Verb.Tell);
                break;
        }
        return true;
    }

    // The worker's count is right at once, as nobody else counts it while it is told.
    private static void Tell(SimThread self, bool waits)
    {
        bool mayRun = !Ledger.IsInIntensive(self);
        bool isShared = Worker.CurrentWorker->Pool->IsShared; // Else nobody counts.
        if (waits)
        {
            Worker.TellBlock();
        }
        bool isRight = waits || Worker.TellEndOfBlock();
        if (!isRight || Worker.CurrentWorker->IsBlocked != (isShared && (waits || !mayRun)))
        {
            Machine.Fail(mayRun && !waits ? "a worker that goes on does not count as running" : "a worker that waits counts as running");
        }
    }

    private static bool Reclaim(int item)
    {
        const int Room = 16;
        Work** running = stackalloc Work*[Room];
        Work* work = Items.WorkOf(item);
        bool isIdle = !Work.IsPending(work);
        int nr = isIdle ? RunningWorks.List(running, Room) : 0;
        for (int i = 0; i < nr; i++)
        {
            isIdle &= running[i] != work;
        }
        if (isIdle)
        {
            Judge.Reclaims(item);
            Items.Free(item);
        }
        return isIdle;
    }

    private static void Function(Work* work)
    {
        SimThread self = Machine.Current;
        Call? outer = self.Call;
        self.Call = null;
        int item = Items.Of((nuint)work);
        Queueing run = Judge.FunctionBegins(self, item);
        Judge.MayRunHere(run);
        Trace.FunctionBegins(self, item);
        Timeline.Note(item, Happening.Starts);
        int nr = Begun.Note(item);
        if (s_program.ChecksEvents)
        {
            Events.See(item);
        }
        Machine.Point();
        FunctionPlan? plan = s_program.Functions[item];
        if (plan != null && nr <= plan.Runs.Length)
        {
            RunItem(self, item, plan.Runs[nr - 1]);
        }
        Machine.Point();
        run.State = QueueingState.Done;
        Timeline.Note(item, Happening.Finishes);
        Trace.FunctionEnds(self, item);
        self.Call = outer;
    }

    private static void EachFunction(Work* work) => Machine.Point();
}
