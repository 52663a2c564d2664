package main

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// mutations are the mistakes that a transcription can have; each must be told.
var mutations = []struct {
	name   string
	mutate func(f *descriptorpb.FileDescriptorProto)
}{
	{"another package", func(f *descriptorpb.FileDescriptorProto) { f.Package = proto.String("runtime.v2") }},
	{"a service missing", func(f *descriptorpb.FileDescriptorProto) { f.Service = f.Service[:1] }},
	{"an rpc missing", func(f *descriptorpb.FileDescriptorProto) { f.Service[0].Method = f.Service[0].Method[1:] }},
	{"an rpc more", func(f *descriptorpb.FileDescriptorProto) {
		m := proto.Clone(f.Service[0].Method[0]).(*descriptorpb.MethodDescriptorProto)
		m.Name = proto.String("Another")
		f.Service[0].Method = append(f.Service[0].Method, m)
	}},
	{"rpc: other input", func(f *descriptorpb.FileDescriptorProto) {
		f.Service[1].Method[0].InputType = f.Service[0].Method[0].InputType
	}},
	{"rpc: other output", func(f *descriptorpb.FileDescriptorProto) {
		f.Service[1].Method[0].OutputType = f.Service[0].Method[0].OutputType
	}},
	{"rpc: streaming", func(f *descriptorpb.FileDescriptorProto) {
		f.Service[0].Method[0].ServerStreaming = proto.Bool(true)
	}},
	{"a message missing", func(f *descriptorpb.FileDescriptorProto) { f.MessageType = f.MessageType[1:] }},
	{"a field missing", func(f *descriptorpb.FileDescriptorProto) { f.MessageType[0].Field = nil }},
	{"field: other name", func(f *descriptorpb.FileDescriptorProto) { firstField(f).Name = proto.String("other") }},
	{"field: other number", func(f *descriptorpb.FileDescriptorProto) { firstField(f).Number = proto.Int32(99) }},
	{"field: other type", func(f *descriptorpb.FileDescriptorProto) {
		firstField(f).Type = descriptorpb.FieldDescriptorProto_TYPE_BYTES.Enum()
	}},
	{"field: repeated", func(f *descriptorpb.FileDescriptorProto) {
		firstField(f).Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	}},
	{"field: in a oneof", func(f *descriptorpb.FileDescriptorProto) {
		f.MessageType[0].OneofDecl = []*descriptorpb.OneofDescriptorProto{{Name: proto.String("choice")}}
		firstField(f).OneofIndex = proto.Int32(0)
	}},
	{"a reserved number", func(f *descriptorpb.FileDescriptorProto) {
		f.MessageType[0].ReservedRange = []*descriptorpb.DescriptorProto_ReservedRange{{Start: proto.Int32(50), End: proto.Int32(51)}}
	}},
	{"an enum missing", func(f *descriptorpb.FileDescriptorProto) { f.EnumType = f.EnumType[1:] }},
	{"enum: a value missing", func(f *descriptorpb.FileDescriptorProto) { f.EnumType[0].Value = f.EnumType[0].Value[:1] }},
	{"enum: other number", func(f *descriptorpb.FileDescriptorProto) { f.EnumType[0].Value[0].Number = proto.Int32(77) }},
}

func firstField(f *descriptorpb.FileDescriptorProto) *descriptorpb.FieldDescriptorProto {
	return f.MessageType[0].Field[0]
}

func selfTest(original *descriptorpb.FileDescriptorProto) int {
	want, missed := factsOf(original), 0
	if d := want.compare(factsOf(proto.Clone(original).(*descriptorpb.FileDescriptorProto))); len(d) > 0 {
		fmt.Println("selftest: the original differs from itself:", d)
		return 1
	}
	for _, m := range mutations {
		changed := proto.Clone(original).(*descriptorpb.FileDescriptorProto)
		m.mutate(changed)
		if len(want.compare(factsOf(changed))) == 0 {
			fmt.Println("selftest: not noticed:", m.name)
			missed++
		}
	}
	if missed > 0 {
		return 1
	}
	fmt.Printf("selftest: %d of %d mutations noticed\n", len(mutations), len(mutations))
	return 0
}
