// SPDX-License-Identifier: GPL-2.0-only
// The compiler's mark for a method that is a symbol as it is.
//
// A method with UnmanagedCallersOnly tells the .NET runtime, which it starts if
// need be, that its thread comes in and leaves. One with RuntimeExport is called
// as any function is; managed/README.md says why that is enough here. The compiler
// knows the attribute by its name, and the runtime's own is not public.

namespace System.Runtime;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
{
    public string EntryPoint { get; } = entryPoint;
}
