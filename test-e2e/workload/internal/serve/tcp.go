package serve

import (
	"context"
	"io"
	"net"
	"sync"
)

// tcpServer greets (or not), then echoes until the client half-closes.
type tcpServer struct {
	greeting string

	mutex       sync.Mutex
	listener    net.Listener
	connections map[net.Conn]struct{}
	active      sync.WaitGroup
}

func newTCPServer(greeting string) *tcpServer {
	return &tcpServer{greeting: greeting, connections: map[net.Conn]struct{}{}}
}

func (s *tcpServer) serve(listener net.Listener) error {
	s.mutex.Lock()
	s.listener = listener
	s.mutex.Unlock()
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		s.mutex.Lock()
		s.connections[connection] = struct{}{}
		s.mutex.Unlock()
		s.active.Add(1)
		go s.handle(connection)
	}
}

func (s *tcpServer) handle(connection net.Conn) {
	defer s.active.Done()
	defer func() {
		s.mutex.Lock()
		delete(s.connections, connection)
		s.mutex.Unlock()
		connection.Close()
	}()
	if _, err := io.WriteString(connection, s.greeting); err != nil {
		return
	}
	// Both directions' errors are the client going away.
	_, _ = io.Copy(connection, connection)
}

// shutdown takes no new connections, waits for the open ones, and closes them when ctx ends: a TCP client that stays
// connected is not an error.
func (s *tcpServer) shutdown(ctx context.Context) error {
	s.mutex.Lock()
	listener := s.listener
	s.mutex.Unlock()
	if listener != nil {
		if err := listener.Close(); err != nil {
			return err
		}
	}
	done := make(chan struct{})
	go func() {
		s.active.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.mutex.Lock()
		for connection := range s.connections {
			connection.Close()
		}
		s.mutex.Unlock()
		<-done
	}
	return nil
}
