//go:build !minimal

package provider

// Described are the services of services.txt.
func Described() []*Info { return describedAll() }

// ServicesText is services.txt.
func ServicesText() string { return servicesText }
