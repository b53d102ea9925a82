package controlplane

import (
	"slices"
	"testing"
)

func TestAnAddressTellsItsSequence(t *testing.T) {
	for _, sequence := range []uint32{1, 255, 256, 65_536, 1<<23 - 1} {
		if told := addressSequence(sequenceAddress(sequence)); told != sequence {
			t.Errorf("%s: %d (expected: %d)", sequenceAddress(sequence), told, sequence)
		}
	}
	for _, other := range []string{"10.64.0.1", "192.0.2.1", "fd00::1", "a name"} {
		if told := addressSequence(other); told != 0 {
			t.Errorf("%s: %d (expected: 0)", other, told)
		}
	}
}

func TestNoOtherEndpointHasAnAddressThatTellsASequence(t *testing.T) {
	for service := range 1000 {
		for _, each := range endpoints(service, fullEndpoints) {
			address := each.(object)["addresses"].([]any)[0].(string)
			if told := addressSequence(address); told != 0 {
				t.Fatalf("%s: %d (expected: 0)", address, told)
			}
		}
	}
}

func TestProxiesUseRootsOfSplits(t *testing.T) {
	for proxy := range 1000 {
		used := servicesUsedBy(proxy, 1000)
		if used[0] != 0 || len(used) < 2 || len(used) > 3 {
			t.Fatalf("proxy %d: %v (expected: service 0 and one or two others)", proxy, used)
		}
		for _, service := range used {
			if service%2 != 0 || service >= 1000 {
				t.Fatalf("proxy %d: service %d (expected: an even one below 1000)", proxy, service)
			}
		}
		measured := slices.ContainsFunc(used[1:], func(service int) bool { return service < alwaysFull })
		if measured != (proxy < firstProxies) {
			t.Fatalf("proxy %d uses %v: only the first %d use what is measured", proxy, used, firstProxies)
		}
	}
}

func TestARootAndItsSuccessorAreOfOneNamespace(t *testing.T) {
	for root := 0; root < 1000; root += 2 {
		if namespaceOf(root) != namespaceOf(root+1) {
			t.Fatalf("%s: %s (expected: %s)", serviceName(root+1), namespaceOf(root+1), namespaceOf(root))
		}
	}
}
