// Package draft drafts.
package draft
