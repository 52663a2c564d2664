// criproto holds Onggi's transcription of the CRI API (proto/src/main/proto/api.proto) to the
// original: it compares the file descriptor that the build of proto/ writes with the one compiled
// into k8s.io/cri-api.
//
//	criproto proto/target/cri.desc    prints each difference, or "N messages, M enums, K rpcs equal"
//	criproto -selftest                changes the original in every way it can tell, expects to be told
//
// Exit status: 0 equal, 1 different, 2 cannot tell (no file, no such package in it).
package main

import (
	"flag"
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const apiPackage = "runtime.v1"

func main() {
	selftest := flag.Bool("selftest", false, "check that each kind of difference is found")
	flag.Parse()
	original := protodesc.ToFileDescriptorProto(cri.File_staging_src_k8s_io_cri_api_pkg_apis_runtime_v1_api_proto)
	if *selftest {
		os.Exit(selfTest(original))
	}
	if flag.NArg() != 1 {
		fail("usage: criproto FILE.desc (a FileDescriptorSet) | criproto -selftest")
	}
	ours, err := readAPI(flag.Arg(0))
	if err != nil {
		fail(err)
	}
	want, got := factsOf(original), factsOf(ours)
	if diffs := want.compare(got); len(diffs) > 0 {
		for _, d := range diffs {
			fmt.Println(d)
		}
		fmt.Printf("%d differences from k8s.io/cri-api\n", len(diffs))
		os.Exit(1)
	}
	fmt.Printf("%d messages, %d enums, %d rpcs equal\n", got.messages, got.enums, got.rpcs)
}

// readAPI returns the file of package runtime.v1 in a FileDescriptorSet.
func readAPI(path string) (*descriptorpb.FileDescriptorProto, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w (is proto/ built?)", err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(raw, set); err != nil {
		return nil, fmt.Errorf("%s is no FileDescriptorSet: %w", path, err)
	}
	for _, f := range set.File {
		if f.GetPackage() == apiPackage {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s has no file of package %s", path, apiPackage)
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, "criproto:", reason)
	os.Exit(2)
}
