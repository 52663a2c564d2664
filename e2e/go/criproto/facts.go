package main

import (
	"fmt"
	"sort"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"
)

// facts are what an API promises on the wire and to generated code: a name for each thing
// declared, and what is declared of it. Order, comments and language options are no facts.
type facts struct {
	is                    map[string]string
	messages, enums, rpcs int
}

func factsOf(f *descriptorpb.FileDescriptorProto) *facts {
	a := &facts{is: map[string]string{}}
	a.is["file"] = f.GetSyntax() + " package " + f.GetPackage()
	for _, s := range f.Service {
		a.service(s)
	}
	for _, m := range f.MessageType {
		a.message("."+f.GetPackage(), m)
	}
	for _, e := range f.EnumType {
		a.enum("."+f.GetPackage(), e)
	}
	for _, x := range f.Extension {
		a.field("extension of "+x.GetExtendee(), x, nil)
	}
	return a
}

func (a *facts) service(s *descriptorpb.ServiceDescriptorProto) {
	a.is["service "+s.GetName()] = "declared"
	for _, m := range s.Method {
		a.rpcs++
		a.is["rpc "+s.GetName()+"."+m.GetName()] = fmt.Sprintf("(%s%s) returns (%s%s)",
			stream(m.GetClientStreaming()), m.GetInputType(), stream(m.GetServerStreaming()), m.GetOutputType())
	}
}

func stream(streaming bool) string {
	if streaming {
		return "stream "
	}
	return ""
}

func (a *facts) message(scope string, m *descriptorpb.DescriptorProto) {
	name := scope + "." + m.GetName()
	if !m.GetOptions().GetMapEntry() {
		a.messages++
	}
	a.is["message "+name] = fmt.Sprintf("map entry %v", m.GetOptions().GetMapEntry())
	for _, r := range m.ReservedRange {
		a.is[fmt.Sprintf("reserved %s %d to %d", name, r.GetStart(), r.GetEnd()-1)] = "declared"
	}
	for _, r := range m.ReservedName {
		a.is["reserved "+name+" "+r] = "declared"
	}
	for _, f := range m.Field {
		a.field(name, f, m.OneofDecl)
	}
	for _, n := range m.NestedType {
		a.message(name, n)
	}
	for _, e := range m.EnumType {
		a.enum(name, e)
	}
}

func (a *facts) field(scope string, f *descriptorpb.FieldDescriptorProto, oneofs []*descriptorpb.OneofDescriptorProto) {
	oneof := ""
	if f.OneofIndex != nil && int(f.GetOneofIndex()) < len(oneofs) {
		oneof = " in oneof " + oneofs[f.GetOneofIndex()].GetName()
	}
	o := f.GetOptions()
	a.is["field "+scope+"."+f.GetName()] = fmt.Sprintf("= %d %s %s%s%s, optional %v, json %s, packed %v, deprecated %v, debug_redact %v",
		f.GetNumber(), lower(f.GetLabel(), "LABEL_"), lower(f.GetType(), "TYPE_"), f.GetTypeName(), oneof,
		f.GetProto3Optional(), f.GetJsonName(), o.GetPacked(), o.GetDeprecated(), o.GetDebugRedact())
}

func lower(v fmt.Stringer, prefix string) string {
	return strings.ToLower(strings.TrimPrefix(v.String(), prefix))
}

func (a *facts) enum(scope string, e *descriptorpb.EnumDescriptorProto) {
	a.enums++
	name := scope + "." + e.GetName()
	a.is["enum "+name] = fmt.Sprintf("allow_alias %v", e.GetOptions().GetAllowAlias())
	for _, v := range e.Value {
		a.is["value "+name+"."+v.GetName()] = fmt.Sprintf("= %d", v.GetNumber())
	}
}

// compare returns one line for each fact that b lacks, has beyond a, or has otherwise.
func (a *facts) compare(b *facts) []string {
	var diffs []string
	for k, want := range a.is {
		if got, ok := b.is[k]; !ok {
			diffs = append(diffs, fmt.Sprintf("missing: %s %s", k, want))
		} else if got != want {
			diffs = append(diffs, fmt.Sprintf("differs: %s: cri-api %s, ours %s", k, want, got))
		}
	}
	for k, got := range b.is {
		if _, ok := a.is[k]; !ok {
			diffs = append(diffs, fmt.Sprintf("not in cri-api: %s %s", k, got))
		}
	}
	sort.Strings(diffs)
	return diffs
}
