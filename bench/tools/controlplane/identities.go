package controlplane

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	signMethod    = "/heddle.certificate.v1.CertificateAuthority/SignCertificate"
	tokenAudience = "heddle-ca"
	// signings is how many the CA takes at once on a connection.
	signings = 4
	// Fields of the messages of certificate.proto.
	requestField, chainField = 1, 1
)

// identities gets certificates as a proxy does: a token of its account from the API server, a signature for it from the CA.
type identities struct {
	api       *apiServer
	authority *grpc.ClientConn
	roots     *x509.CertPool
	adapter   *url.URL
}

func newIdentities(settings Settings, api *apiServer) (*identities, error) {
	roots, err := readRoots(settings.TrustAnchors)
	if err != nil {
		return nil, err
	}
	id := func(account string) *url.URL {
		return &url.URL{Scheme: "spiffe", Host: settings.TrustDomain, Path: "/ns/" + settings.MeshNamespace + "/sa/" + account}
	}
	connection, err := grpc.NewClient("passthrough:///"+settings.CertificateAuthority,
		grpc.WithTransportCredentials(credentials.NewTLS(verifying(roots, id("heddle-ca")))),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		return nil, err
	}
	return &identities{api, connection, roots, id("heddle-smi-adapter")}, nil
}

func (i *identities) close() { i.authority.Close() }

// of is what the first pod of a service proves itself to the adapter with.
func (i *identities) of(ctx context.Context, service int) (credentials.TransportCredentials, error) {
	token, err := i.token(ctx, service)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, err
	}
	chain, err := i.signed(ctx, token, request)
	if err != nil {
		return nil, err
	}
	configuration := verifying(i.roots, i.adapter)
	configuration.Certificates = []tls.Certificate{{Certificate: chain, PrivateKey: key}}
	return credentials.NewTLS(configuration), nil
}

func (i *identities) token(ctx context.Context, service int) (string, error) {
	path := coreV1 + "/namespaces/" + namespaceOf(service) + "/serviceaccounts/" + serviceName(service) + "/token"
	request := named("authentication.k8s.io/v1", "TokenRequest", object{})
	request["spec"] = object{
		"audiences": []any{tokenAudience}, "expirationSeconds": 3600,
		"boundObjectRef": object{"apiVersion": "v1", "kind": "Pod", "name": podName(service, 0)},
	}
	var answer struct {
		Status struct {
			Token string `json:"token"`
		} `json:"status"`
	}
	err := i.api.create(ctx, path, request, &answer)
	return answer.Status.Token, err
}

func (i *identities) signed(ctx context.Context, token string, request []byte) ([][]byte, error) {
	message := protowire.AppendBytes(protowire.AppendTag(nil, requestField, protowire.BytesType), request)
	answer := new([]byte)
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	if err := i.authority.Invoke(ctx, signMethod, &message, answer); err != nil {
		return nil, err
	}
	return bytesFields(*answer, chainField)
}

// bytesFields are the values of a repeated field of bytes.
func bytesFields(message []byte, wanted protowire.Number) ([][]byte, error) {
	var values [][]byte
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			return nil, protowire.ParseError(length)
		}
		message = message[length:]
		size := protowire.ConsumeFieldValue(number, kind, message)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		if number == wanted && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			values = append(values, value)
		}
		message = message[size:]
	}
	return values, nil
}

// verifying accepts one identity alone, whatever the name that was dialled.
func verifying(roots *x509.CertPool, expected *url.URL) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, // VerifyConnection does, by identity.
		VerifyConnection: func(state tls.ConnectionState) error {
			leaf, between := state.PeerCertificates[0], x509.NewCertPool()
			for _, certificate := range state.PeerCertificates[1:] {
				between.AddCert(certificate)
			}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between}); err != nil {
				return err
			}
			if len(leaf.URIs) != 1 || leaf.URIs[0].String() != expected.String() {
				return fmt.Errorf("identity: %v (expected: %s)", leaf.URIs, expected)
			}
			return nil
		},
	}
}

// raw carries messages as they are.
type raw struct{}

func (raw) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (raw) Name() string { return "proto" }
