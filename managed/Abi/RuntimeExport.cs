// SPDX-License-Identifier: GPL-2.0-only
// The compiler's mark for a method that becomes a plain symbol of the library.
//
// A method with UnmanagedCallersOnly starts the .NET runtime if need be, and tells it
// that the thread comes in and leaves. A method with RuntimeExport is called like any
// function; managed/README.md says why that is enough here. The compiler knows the
// attribute by its name. It is declared here because the runtime's own is not public.

namespace System.Runtime;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
{
    public string EntryPoint { get; } = entryPoint;
}
