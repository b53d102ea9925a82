package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// The Kubernetes client watches over WebSocket (RFC 6455), one text frame for each event; all that is needed of it is here.

const (
	websocketKey  = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455, section 1.3
	finalText     = 0x81
	shortLength   = 125
	length16      = 126
	length64      = 127
	maxShortFrame = 1<<16 - 1
)

type websocket struct {
	connection net.Conn
	buffered   *bufio.ReadWriter
}

func wantsWebsocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

func upgrade(w http.ResponseWriter, r *http.Request) (*websocket, error) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return nil, errors.New("no WebSocket over HTTP/2")
	}
	connection, buffered, err := hijacker.Hijack()
	if err != nil {
		return nil, err
	}
	accept := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + websocketKey))
	_, err = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(accept[:]) + "\r\n\r\n")
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		connection.Close()
		return nil, err
	}
	return &websocket{connection, buffered}, nil
}

// untilClosed returns a context that ends when the client has gone; a client that watches says nothing that matters.
func (s *websocket) untilClosed() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		// The error is the client's end.
		_, _ = io.Copy(io.Discard, closeFrameReader{s.buffered})
	}()
	return ctx
}

// closeFrameReader ends at the client's close frame, which it answers by the connection's end.
type closeFrameReader struct{ from io.Reader }

func (r closeFrameReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p[:1])
	if n == 1 && p[0] == 0x88 {
		return 0, io.EOF
	}
	return n, err
}

// Write sends one text frame.
func (s *websocket) Write(p []byte) (int, error) {
	header := []byte{finalText}
	switch {
	case len(p) <= shortLength:
		header = append(header, byte(len(p)))
	case len(p) <= maxShortFrame:
		header = binary.BigEndian.AppendUint16(append(header, length16), uint16(len(p)))
	default:
		header = binary.BigEndian.AppendUint64(append(header, length64), uint64(len(p)))
	}
	if _, err := s.connection.Write(append(header, p...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (s *websocket) close() { s.connection.Close() }
