package provider

// Dyndns2Infos are the services of this driver, whether the registry has them or not.
var Dyndns2Infos = dyndns2Infos
