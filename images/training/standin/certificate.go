package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"time"
)

// certified has PEM blocks: a certificate, its key, and the root of its own that signed it.
type certified struct{ certificate, key, root []byte }

// certify makes a certificate with the names of a template.
func certify(template x509.Certificate) (certified, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certified{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certified{}, err
	}
	now := time.Now()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	template.SerialNumber = big.NewInt(2)
	template.NotBefore, template.NotAfter = root.NotBefore, now.Add(24*time.Hour)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		return certified{}, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, &template, root, &key.PublicKey, rootKey)
	if err != nil {
		return certified{}, err
	}
	privateKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return certified{}, err
	}
	return certified{encode("CERTIFICATE", leafDER), encode("PRIVATE KEY", privateKey), encode("CERTIFICATE", rootDER)}, nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// secretData is the data of a Secret kubernetes.io/tls, so that no key has to be kept in a file: a certificate with the SPIFFE id that an
// account of the Secret's name would have.
func secretData(namespace, name string) (map[string]any, error) {
	id, err := url.Parse(fmt.Sprintf("spiffe://cluster.local/ns/%s/sa/%s", namespace, name))
	if err != nil {
		return nil, err
	}
	made, err := certify(x509.Certificate{URIs: []*url.URL{id}})
	if err != nil {
		return nil, err
	}
	text := base64.StdEncoding.EncodeToString
	return map[string]any{"tls.crt": text(made.certificate), "tls.key": text(made.key), "ca.crt": text(made.root)}, nil
}
