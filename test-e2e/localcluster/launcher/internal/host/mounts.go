package host

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

type mountPoint struct{ path, kind string }

// mounts reads this process's mount table; see proc(5), /proc/pid/mountinfo.
func mounts() ([]mountPoint, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var points []mountPoint
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		before, after, found := strings.Cut(scanner.Text(), " - ")
		fields, kinds := strings.Fields(before), strings.Fields(after)
		if !found || len(fields) < 5 || len(kinds) < 1 {
			return nil, fmt.Errorf("/proc/self/mountinfo: %q", scanner.Text())
		}
		points = append(points, mountPoint{path: unescape(fields[4]), kind: kinds[0]})
	}
	return points, scanner.Err()
}

func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}

// RemoveFolder deletes a folder and all beneath it, but refuses if something is mounted there: the node's mounts are
// never seen by the host, so it would be someone else's data.
func RemoveFolder(folder string) error {
	points, err := mounts()
	if err != nil {
		return err
	}
	for _, point := range points {
		if point.path == folder || strings.HasPrefix(point.path, folder+"/") {
			return fmt.Errorf("%s: not removed, %s is mounted beneath it", folder, point.path)
		}
	}
	return os.RemoveAll(folder)
}
