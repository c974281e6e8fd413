package wxcrypt

// SealWith is Seal with random bytes that are given.
func (c *Crypt) SealWith(plain []byte, timestamp, nonce string, random [16]byte) (sealed, signature string) {
	return c.seal(plain, timestamp, nonce, random)
}

// SealRaw seals bytes that are whole blocks already, of any meaning, and signs them.
func (c *Crypt) SealRaw(blocks []byte, timestamp, nonce string) (sealed, signature string) {
	sealed = c.encryptBlocks(blocks)
	return sealed, c.Sign(timestamp, nonce, sealed)
}

// Sign gives the signature of anything.
func (c *Crypt) Sign(timestamp, nonce, sealed string) string { return c.sign(timestamp, nonce, sealed) }

// Remembered is how many requests are remembered as done.
func (c *Crypt) Remembered() int {
	c.taken.mu.Lock()
	defer c.taken.mu.Unlock()
	return len(c.taken.young) + len(c.taken.old)
}

const (
	// Remember is how long a request that is done is remembered at least.
	Remember = remember
	// MostYoung is half of what is remembered at most.
	MostYoung = mostYoung
)
