// SPDX-License-Identifier: GPL-2.0-only
// Random programs: up to three callers, three items, two queues, any mix of calls
// that is not misuse, so that whatever goes wrong is the engine's doing.
//
// What is left out would end in a deadlock by contract or be refused: a function
// that waits for another item, a second freezer, a queue used after its end.

using System.Text;

namespace Wq.Sim;

internal sealed class GeneratedScenario(string name, string about, string[] kinds) : Scenario(name, about, "")
{
    private const int SeedsPerProgram = 64;
    private const int NrKept = 64;

    private readonly Script?[] _scripts = new Script?[NrKept];
    private readonly ulong[] _which = new ulong[NrKept];

    public override bool IsSearchable => false;

    public override string TextFor(ulong seed) => Generator.Generate(seed / SeedsPerProgram, kinds);

    public override Script ScriptFor(ulong seed)
    {
        ulong which = seed / SeedsPerProgram;
        int at = (int)(which % NrKept);
        if (_scripts[at] == null || _which[at] != which)
        {
            _scripts[at] = new Interpreter(Program.Parse(Generator.Generate(which, kinds)));
            _which[at] = which;
        }
        return _scripts[at]!;
    }
}

internal static class Generator
{
    private const int MaxCallers = 3;
    private const int MaxCalls = 4;

    public static readonly string[] Classic = ["percpu", "single", "freezeable"];
    public static readonly string[] Shared = ["shared 1", "shared 2", "unbound 1", "unbound 2", "ordered", "frozenshared 2", "single"];

    public static string Generate(ulong number, string[] kinds)
    {
        var dice = new Dice(number ^ 0x9e0e4a7e);
        var text = new StringBuilder();
        int nrQueues = 1 + (int)dice.Below(2);
        int nrItems = 1 + (int)dice.Below(3);
        int nrCpus = 2 + (dice.OneIn(4) ? 1 : 0);
        text.Append("cpus ").Append(nrCpus).Append('\n');
        for (int queue = 0; queue < nrQueues; queue++)
        {
            text.Append("wq ").Append((char)('A' + queue)).Append(' ').Append(kinds[dice.Below((uint)kinds.Length)]).Append('\n');
        }
        text.Append(nrQueues == 1 && dice.OneIn(2) ? "teardown\nrefusals\n" : "").Append(dice.OneIn(4) ? kinds == Shared ? "faults\nrefusals\n" : "faults\n" : "");
        bool homes = kinds == Shared; // An item of a shared queue that goes to another may run twice at once.
        bool freezes = dice.OneIn(4);
        bool hotplugs = dice.OneIn(4);
        int nrCallers = 1 + (int)dice.Below(MaxCallers);
        for (int caller = 0; caller < nrCallers; caller++)
        {
            text.Append(dice.Below((uint)nrCpus)).Append(": ");
            text.Append(freezes && caller == 0 ? "freeze, rest, thaw" : hotplugs && caller == nrCallers - 1 ? "down 1, up 1" : Calls(ref dice, nrQueues, nrItems, nrCpus, homes)).Append('\n');
        }
        for (int item = 0; item < nrItems; item++)
        {
            if (dice.OneIn(2))
            {
                text.Append(Program.NameOfItem(item)).Append("*2: ").Append(FunctionCall(ref dice, item, nrQueues, nrItems, homes)).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Calls(ref Dice dice, int nrQueues, int nrItems, int nrCpus, bool homes)
    {
        var text = new StringBuilder();
        int nr = 1 + (int)dice.Below(MaxCalls);
        for (int i = 0; i < nr; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(Call(ref dice, nrQueues, nrItems, nrCpus, homes));
        }
        return text.ToString();
    }

    private static string Call(ref Dice dice, int nrQueues, int nrItems, int nrCpus, bool homes)
    {
        uint which = dice.Below((uint)nrItems);
        char item = Program.NameOfItem((int)which);
        char queue = (char)('A' + (homes ? which % (uint)nrQueues : dice.Below((uint)nrQueues)));
        return dice.Below(21) switch
        {
            0 or 1 or 2 or 3 => $"queue {queue} {item}",
            4 or 5 => $"cancel {item}",
            6 => $"flush {queue}",
            7 => $"delay {queue} {item} 1",
            8 => $"delay {queue} {item} {1 + dice.Below(2)} on {dice.Below((uint)nrCpus)}",
            9 => $"canceldelayed {item}",
            10 => $"canceltimer {item}",
            11 => $"move {dice.Below((uint)nrCpus)}",
            12 => "sleep 1",
            13 => $"recall {item}",
            14 => $"mod {queue} {item} {dice.Below(2)}",
            15 => $"mod {queue} {item} {dice.Below(2)} on {dice.Below((uint)nrCpus)}",
            16 => $"flushwork {item}",
            17 => $"flushdelayed {item}",
            18 => $"disable {item}, enable {item}",
            19 => $"disablesync {item}, enable {item}",
            _ => $"queue {queue} {item}, flush {queue}",
        };
    }

    private static string FunctionCall(ref Dice dice, int self, int nrQueues, int nrItems, bool homes)
    {
        uint which = dice.Below((uint)nrItems);
        char item = Program.NameOfItem((int)which);
        char queue = (char)('A' + (homes ? which % (uint)nrQueues : dice.Below((uint)nrQueues)));
        return dice.Below(7) switch
        {
            0 or 1 => $"queue {queue} {item}",
            2 => $"delay {queue} {item} 1",
            3 => $"queue {(homes ? (char)('A' + (self % nrQueues)) : queue)} {Program.NameOfItem(self)}, cancel {Program.NameOfItem(self)}",
            4 => $"recall {item}",
            5 => $"mod {queue} {item} {dice.Below(2)}",
            _ => $"canceltimer {item}",
        };
    }
}
