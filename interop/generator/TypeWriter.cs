// SPDX-License-Identifier: GPL-2.0-only
using System.Linq;
using System.Text;

namespace Workqueues.Bindings;

/// <summary>
/// Writes NativeTypes.g.cs: structs with the offsets that clang gives, and enums. Each carries its C name in an
/// attribute, by which a test asks the C compiler for the same sizes and offsets.
/// </summary>
internal sealed class TypeWriter(Header header)
{
    private readonly StringBuilder _output = new();

    public string Write()
    {
        _output.Append(FunctionWriter.Head([]));
        _output.Append("using System.Runtime.InteropServices;\n\nnamespace Workqueues;\n");
        foreach (Enumeration enumeration in header.Enumerations.Where(e => e.Name != null))
            WriteEnum(enumeration);
        foreach (Struct definition in header.Structs)
        {
            _output.Append('\n');
            WriteStruct(definition, "", $"struct {definition.Name}");
        }
        return _output.ToString();
    }

    private void WriteEnum(Enumeration enumeration)
    {
        _output.Append('\n');
        XmlDoc.Write(_output, "", enumeration.Doc, []);
        _output.Append($"internal enum {CTypes.Pascal(enumeration.Name!)}\n{{\n");
        foreach (Constant constant in enumeration.Constants)
        {
            XmlDoc.Line(_output, "    ", constant.Comment);
            _output.Append($"    {constant.Name} = {constant.Value},\n");
        }
        _output.Append("}\n");
    }

    private void WriteStruct(Struct definition, string indent, string nativeName)
    {
        XmlDoc.Write(_output, indent, definition.Doc, []);
        if (nativeName.Length > 0)
            _output.Append($"{indent}[NativeName(\"{nativeName}\")]\n");
        _output.Append($"{indent}[StructLayout(LayoutKind.Explicit, Size = {definition.Size})]\n");
        string access = indent.Length == 0 ? "internal" : "public";
        _output.Append($"{indent}{access} unsafe struct {CTypes.Pascal(definition.Name)}\n{indent}{{\n");
        string inner = indent + "    ";
        for (int i = 0; i < definition.Fields.Count; i++)
        {
            if (i > 0)
                _output.Append('\n');
            WriteField(definition.Fields[i], inner, definition.Doc);
        }
        _output.Append($"{indent}}}\n");
    }

    private void WriteField(Field field, string indent, KernelDoc doc)
    {
        XmlDoc.Line(_output, indent, doc.Of(field.Name));
        _output.Append($"{indent}[NativeName(\"{field.Name}\")]\n{indent}[FieldOffset({field.Offset})]\n");
        string type = field.Unnamed is { } unnamed ? CTypes.Pascal(unnamed.Name) : header.Types.Map(field.Type);
        _output.Append($"{indent}public {type} {CTypes.Pascal(field.Name)};\n");
        if (field.Unnamed == null)
            return;
        _output.Append('\n');
        WriteStruct(field.Unnamed, indent, ""); // a part of its owner, whose field tells its size
    }
}
