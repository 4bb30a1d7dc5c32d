// SPDX-License-Identifier: GPL-2.0-only
// The engine's static variables: where they are, what they are called, and zero
// again before each run. Found by reflection, so that a new one cannot be forgotten.

using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Wq.Sim;

internal static unsafe class Statics
{
    private static readonly Variable[] s_all = FindAll();

    private delegate nuint AddressOf();

    private sealed class Variable(string name, int bytes, AddressOf address)
    {
        public readonly string Name = name;
        public readonly int Bytes = bytes;
        public readonly AddressOf Find = address;
        public readonly int Rank = Held.RankOf(name);
        public nuint Address;

        public bool Has(nuint address) => address - Address < (nuint)Bytes;
    }

    /// <summary>Looks the addresses up: a collection may have moved them.</summary>
    public static void Locate()
    {
        foreach (Variable variable in s_all)
        {
            variable.Address = variable.Find();
        }
    }

    public static void Zero()
    {
        foreach (Variable variable in s_all)
        {
            Unsafe.InitBlockUnaligned((void*)variable.Address, 0, (uint)variable.Bytes);
        }
    }

    /// <summary>"Class.s_name" of the variable at or around an address, or null.</summary>
    public static string? NameOf(nuint address) => Find(address)?.Name;

    /// <summary>The rank of a lock: that of its static variable, or innermost.</summary>
    public static int RankOf(nuint mutex) => Find(mutex)?.Rank ?? Held.Innermost;

    private static Variable? Find(nuint address)
    {
        foreach (Variable variable in s_all)
        {
            if (variable.Has(address))
            {
                return variable;
            }
        }
        return null;
    }

    private static Variable[] FindAll()
    {
        var all = new List<Variable>();
        foreach (Type type in typeof(Statics).Assembly.GetTypes())
        {
            if (type.Namespace is not ("Wq.Base" or "Wq.Os" or "Wq.Timers" or "Wq.Core"))
            {
                continue;
            }
            foreach (FieldInfo field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            {
                if (!field.IsLiteral && !field.IsInitOnly)
                {
                    all.Add(new Variable(type.Name + "." + field.Name, SizeOf(field.FieldType), AddressOfField(field)));
                }
            }
        }
        return [.. all];
    }

    private static int SizeOf(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer)
        {
            return sizeof(nuint);
        }
        MethodInfo sizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type);
        return (int)sizeOf.Invoke(null, null)!;
    }

    private static AddressOf AddressOfField(FieldInfo field)
    {
        var method = new DynamicMethod("address", typeof(nuint), null, typeof(Statics).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldsflda, field);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<AddressOf>();
    }
}
