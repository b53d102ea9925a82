package kube

import "testing"

func TestAnErrorSaysTheReasonInOneLine(t *testing.T) {
	for body, expected := range map[string]string{
		`{"kind":"Status","message":"pods \"a\" not found"}`:               `GET /x: 404 Not Found: pods "a" not found`,
		"[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed": "GET /x: 404 Not Found: [-]etcd failed: reason withheld",
		"no such thing\n": "GET /x: 404 Not Found: no such thing",
	} {
		err := &StatusError{Code: 404, Request: "GET /x", Body: body}
		if err.Error() != expected {
			t.Errorf("%q (expected: %q)", err.Error(), expected)
		}
	}
}
