// SPDX-License-Identifier: GPL-2.0-only
//
// Turns clang's JSON into a Header. The JSON names a file only where it differs from that of the location
// printed before, so the tree is walked in its order with the current file kept.
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Workqueues.Bindings;

internal sealed class HeaderReader
{
    private readonly Header _header = new();
    private readonly string[] _files;
    private readonly string _mainText;
    private readonly RecordLayouts _layouts;
    private readonly Comments _comments;
    private readonly List<(JsonElement Node, string File)> _declarations = [];
    private string _file = "";

    private HeaderReader(Clang clang, Comments comments)
    {
        _files = clang.Headers;
        _mainText = File.ReadAllText(_files[0]);
        _comments = comments;
        _layouts = new RecordLayouts(clang.RecordLayouts());
        using var json = JsonDocument.Parse(clang.AstJson(), new JsonDocumentOptions { MaxDepth = 512 });
        Collect(json.RootElement.GetProperty("inner"));
        _declarations.ForEach(d => Add(d.Node, d.File));
    }

    public static Header Read(Clang clang, Comments comments) => new HeaderReader(clang, comments)._header;

    private void Collect(JsonElement nodes)
    {
        foreach (JsonElement node in nodes.EnumerateArray())
        {
            if (node.TryGetProperty("loc", out JsonElement location))
                FollowFile(location);
            string file = _file;
            FollowFile(node);
            _declarations.Add((node.Clone(), file));
        }
    }

    /// <summary>Keeps <see cref="_file"/> at the last file that was named within the element.</summary>
    private void FollowFile(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                FollowFile(item);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (property.NameEquals("file"))
                    _file = property.Value.GetString()!;
                else if (!property.NameEquals("includedFrom"))
                    FollowFile(property.Value);
            }
        }
    }

    private void Add(JsonElement node, string file)
    {
        string kind = Text(node, "kind")!;
        if (kind == "TypedefDecl")
            _header.Typedefs[Text(node, "name")!] = Type(node);
        if (!_files.Contains(file))
            return;
        bool isMain = file == _files[0];
        string? name = Text(node, "name");
        if (kind == "RecordDecl" && node.TryGetProperty("completeDefinition", out _) && (isMain || IsNamed(node)))
            _header.Structs.Add(ReadStruct(node, name!, $"struct {name}", _comments.Of("struct", name!)));
        else if (kind == "EnumDecl" && isMain)
            _header.Enumerations.Add(new(name, ReadConstants(node), _comments.Of("enum", name)));
        else if (kind == "FunctionDecl" && isMain)
            AddFunction(node);
        else if (kind == "VarDecl" && isMain)
            _header.Skipped.Add($"{name}: data");
    }

    /// <summary>Does the main header name this struct of another header?</summary>
    private bool IsNamed(JsonElement node) => _mainText.Contains($"struct {Text(node, "name")};");

    private void AddFunction(JsonElement node)
    {
        string name = Text(node, "name")!;
        if (node.TryGetProperty("variadic", out _))
            _header.Skipped.Add($"{name}: variadic");
        else if (node.TryGetProperty("inline", out _))
            _header.Skipped.Add($"{name}: static inline");
        else
            _header.Functions.Add(new(name, CTypes.ReturnTypeOf(Type(node)), ReadParameters(node),
                _comments.Of("function", name)));
    }

    private static List<Parameter> ReadParameters(JsonElement function) =>
        Inner(function, "ParmVarDecl").Select((p, i) => new Parameter(Text(p, "name") ?? $"arg{i}", Type(p))).ToList();

    private List<Constant> ReadConstants(JsonElement node)
    {
        List<Constant> constants = [];
        int next = 0;
        foreach (JsonElement constant in Inner(node, "EnumConstantDecl"))
        {
            if (Inner(constant, "ConstantExpr").FirstOrDefault() is { ValueKind: JsonValueKind.Object } expression)
                next = int.Parse(Text(expression, "value")!);
            string name = Text(constant, "name")!;
            constants.Add(new(name, $"{next++}", _comments.OfConstant(name)));
        }
        return constants;
    }

    private Struct ReadStruct(JsonElement node, string name, string layoutName, KernelDoc doc)
    {
        RecordLayouts.Layout layout = _layouts[layoutName];
        List<Field> fields = [];
        JsonElement unnamed = default;
        foreach (JsonElement member in node.GetProperty("inner").EnumerateArray())
        {
            if (Text(member, "kind") == "RecordDecl")
                unnamed = member;
            if (Text(member, "kind") != "FieldDecl")
                continue;
            fields.Add(ReadField(member, name, layout, unnamed));
            unnamed = default;
        }
        return new(name, layout.Size, fields, doc);
    }

    private Field ReadField(JsonElement member, string owner, RecordLayouts.Layout layout, JsonElement unnamed)
    {
        string name = Text(member, "name")
            ?? throw new BindingException($"struct {owner} has a member without a name");
        if (member.TryGetProperty("isBitfield", out _))
            throw new BindingException($"struct {owner} has the bit field {name}");
        Struct? nested = unnamed.ValueKind != JsonValueKind.Undefined
            ? ReadStruct(unnamed, $"{name}_fields", layout.TypeOf(name), KernelDoc.None)
            : null;
        return new(name, Type(member), layout.OffsetOf(name), nested);
    }

    private static IEnumerable<JsonElement> Inner(JsonElement node, string kind) =>
        node.TryGetProperty("inner", out JsonElement inner)
            ? inner.EnumerateArray().Where(i => Text(i, "kind") == kind)
            : [];

    private static string? Text(JsonElement node, string property) =>
        node.TryGetProperty(property, out JsonElement value) ? value.GetString() : null;

    private static string Type(JsonElement node) => node.GetProperty("type").GetProperty("qualType").GetString()!;
}
