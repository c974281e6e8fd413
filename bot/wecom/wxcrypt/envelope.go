package wxcrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

const (
	padTo        = 32 // not the 16 of the cipher
	randomLength = 16
	headLength   = randomLength + 4 // and the length of the message
)

// decrypt gives the message of a sealed text that is signed. Its error is ErrMalformed.
func (c *Crypt) decrypt(sealed string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not base64: %w", ErrMalformed, err)
	}
	if len(data) < padTo || len(data)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes are no whole blocks", ErrMalformed, len(data))
	}
	cipher.NewCBCDecrypter(c.block, c.iv).CryptBlocks(data, data)
	data, ok := unpad(data)
	if !ok {
		return nil, fmt.Errorf("%w: its padding is wrong, perhaps the AES key is another one", ErrMalformed)
	}
	if len(data) < headLength {
		return nil, fmt.Errorf("%w: %d bytes hold no message", ErrMalformed, len(data))
	}
	length, rest := uint64(binary.BigEndian.Uint32(data[randomLength:])), data[headLength:]
	if length > uint64(len(rest)) {
		return nil, fmt.Errorf("%w: a message of %d bytes in %d", ErrMalformed, length, len(rest))
	}
	if subtle.ConstantTimeCompare(rest[length:], []byte(c.receiveID)) != 1 {
		return nil, fmt.Errorf("%w: it is for another receiver", ErrMalformed)
	}
	return rest[:length:length], nil
}

func (c *Crypt) encrypt(plain []byte, random [randomLength]byte) string {
	data := make([]byte, 0, headLength+len(plain)+len(c.receiveID)+padTo)
	data = append(data, random[:]...)
	data = binary.BigEndian.AppendUint32(data, uint32(len(plain)))
	data = append(data, plain...)
	return c.encryptBlocks(pad(append(data, c.receiveID...)))
}

func (c *Crypt) encryptBlocks(data []byte) string {
	cipher.NewCBCEncrypter(c.block, c.iv).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(data)
}

// pad fills up to a multiple of padTo, with at least one byte; each says how many there are.
func pad(data []byte) []byte {
	n := padTo - len(data)%padTo
	return append(data, bytes.Repeat([]byte{byte(n)}, n)...)
}

// unpad takes away what pad adds, and reports whether all of it was there. data has at least padTo bytes.
func unpad(data []byte) ([]byte, bool) {
	n := int(data[len(data)-1])
	if n < 1 || n > padTo {
		return nil, false
	}
	data, padding := data[:len(data)-n], data[len(data)-n:]
	return data, bytes.Count(padding, []byte{byte(n)}) == n
}
