// Package pki makes the certificate authorities, certificates and keys of a throw-away cluster.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"time"
)

const (
	lifetime = 365 * 24 * time.Hour
	// clockSkew lets a certificate be used by a process whose clock is a little behind.
	clockSkew = 5 * time.Minute
	rsaBits   = 2048
)

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	// PEM is the authority's own certificate.
	PEM []byte
	// KeyPEM is its private key.
	KeyPEM []byte
}

// Pair is a certificate and its private key, both PEM.
type Pair struct{ Certificate, Key []byte }

// Subject says whom a certificate is for and what it may be used for.
type Subject struct {
	CommonName    string
	Organizations []string
	DNSNames      []string
	Addresses     []netip.Addr
	// Server allows the certificate to be shown by a server as well as by a client.
	Server bool
	// RSA asks for a key that every client library reads; some need an extra one for elliptic curves.
	RSA bool
}

// NewAuthority makes a self-signed authority.
func NewAuthority(commonName string) (*Authority, error) {
	key, keyPEM, err := NewKey()
	if err != nil {
		return nil, err
	}
	template, err := template(commonName)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("authority %s: %w", commonName, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("authority %s: %w", commonName, err)
	}
	return &Authority{certificate: certificate, key: key, PEM: encode("CERTIFICATE", der), KeyPEM: keyPEM}, nil
}

// Issue makes a key and a certificate for the subject.
func (a *Authority) Issue(subject Subject) (Pair, error) {
	key, keyPEM, err := subject.newKey()
	if err != nil {
		return Pair{}, err
	}
	template, err := template(subject.CommonName)
	if err != nil {
		return Pair{}, err
	}
	template.Subject.Organization = subject.Organizations
	template.DNSNames = subject.DNSNames
	for _, address := range subject.Addresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(address.AsSlice()))
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if subject.Server {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return Pair{}, fmt.Errorf("certificate %s: %w", subject.CommonName, err)
	}
	return Pair{Certificate: encode("CERTIFICATE", der), Key: keyPEM}, nil
}

// NewKey makes an EC P-256 key and its PKCS #8 PEM form.
func NewKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("private key: %w", err)
	}
	pem, err := keyPEM(key)
	return key, pem, err
}

func (s Subject) newKey() (crypto.Signer, []byte, error) {
	if !s.RSA {
		return NewKey()
	}
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, nil, fmt.Errorf("private key: %w", err)
	}
	pem, err := keyPEM(key)
	return key, pem, err
}

func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return encode("PRIVATE KEY", der), nil
}

// PublicKeyPEM returns the public half of a key, PKIX PEM.
func PublicKeyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return encode("PUBLIC KEY", der), nil
}

// Write stores the pair as base.crt and base.key, readable by the owner only.
func (p Pair) Write(base string) error {
	if err := os.WriteFile(base+".crt", p.Certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(base+".key", p.Key, 0o600)
}

func template(commonName string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("serial number: %w", err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    now.Add(-clockSkew),
		NotAfter:     now.Add(lifetime),
	}, nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
