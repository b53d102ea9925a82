// Package image makes the one image a cluster cannot start without.
package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
)

// Pause is the name under which the sandbox image is imported.
const Pause = "heddle.dev/localcluster-pause:1"

// WritePause writes a Docker-format image tar whose only file is the given static executable.
func WritePause(out io.Writer, executable []byte) error {
	layer, err := archive(file{name: "pause", mode: 0o755, content: executable})
	if err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{"/pause"}, "User": "65535:65535"},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
	if err != nil {
		return fmt.Errorf("image configuration: %w", err)
	}
	configName := digest(config) + ".json"
	manifest, err := json.Marshal([]map[string]any{{
		"Config": configName, "RepoTags": []string{Pause}, "Layers": []string{"layer.tar"},
	}})
	if err != nil {
		return fmt.Errorf("image manifest: %w", err)
	}
	whole, err := archive(
		file{name: configName, mode: 0o644, content: config},
		file{name: "layer.tar", mode: 0o644, content: layer},
		file{name: "manifest.json", mode: 0o644, content: manifest})
	if err != nil {
		return err
	}
	_, err = out.Write(whole)
	return err
}

type file struct {
	name    string
	mode    int64
	content []byte
}

func archive(files ...file) ([]byte, error) {
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	for _, entry := range files {
		header := &tar.Header{Name: entry.name, Mode: entry.mode, Size: int64(len(entry.content)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("tar entry %s: %w", entry.name, err)
		}
		if _, err := writer.Write(entry.content); err != nil {
			return nil, fmt.Errorf("tar entry %s: %w", entry.name, err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("tar: %w", err)
	}
	return buffer.Bytes(), nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
