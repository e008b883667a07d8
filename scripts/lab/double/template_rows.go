package double

// templateDialects are the answers. "200 " in front of a body that begins with a status of its
// own is the HTTP status; where a service says no by the HTTP status alone, the text is that.
var templateDialects = map[string]TemplateDialect{
	"dyndns2": {"good $4", "nochg $4", "badauth", "nohost", "abuse", "911"},
	"oray":    {"good $4", "nochg", "401", "nohost", "abuse", "911"},
	"opendns": {"good $4", "", "badauth", "nohost", "", "abuse"},
	"mayddns": {"good $4", "nochg $4", "401 badauth", "404 notfound", "", "429 abuse"},
	"echo":    {"good", "nochg", "401 badauth", "404 nohost", "abuse", "911"},
	"noip":    {"good $4,$6", "nochg $4,$6", "badauth", "nohost", "abuse", "911"},

	"nicru":      {"good $4\ngood $6", "nochg $4\nnochg $6", "badauth", "nohost", "", "dnserr"},
	"1984":       {`{"ok":true,"msg":"Success","lookup":"$h"}`, `{"ok":true,"msg":"unaltered","lookup":"$h"}`, "401", `{"ok":false,"msg":"Unknown host."}`, "", "429"},
	"ok":         {"OK", "", "401", "ERROR", "", "429"},
	"ok-only":    {"OK", "", "401", "404", "", "429"},
	"changeip":   {"200 200 Successful Update", "", "401 401 Unauthorized", "422 422 Domain not found", "", "429"},
	"cdmon":      {"&resultat=customok&", "", "&resultat=errorlogin&", "&resultat=badip&", "", "429"},
	"ddnss":      {"<head><title>DDNSS</title></head>\n<body>\n<p><font>Updated 1 hostname.</font></p>\n</body>", "<p><font>No change.</font></p>", "<font>badauth</font>", "<font>nohost</font>", "", "dnserr"},
	"infomaniak": {"successfully_changed $4", "no_change $4", "400 badauth", "400 nohost", "", "911"},
	"servercow":  {"OK", "", "FAILED - Authentication failed", "FAILED - no such host", "", "429"},
	"cloudns":    {"OK", "", "The record's key is wrong!", "Invalid request.", "", "429"},
	"myaddr":     {"OK", "", "400 invalid value for \"key\"", "400 invalid value for \"ip\"", "", "503"},
	"any":        {"The address of the host was updated.", "", "badauth", "nohost", "abuse", "too many requests"},
	"ddojp":      {"<html><body>SUCCESS: $4</body></html>", "", "401", "<html><body>FAIL: unknown</body></html>", "", "429"},
	"dinahost":   {"responseCode = 1000\nresponse = '1'", "", "responseCode = 2200\nerrors_0_message = 'Authentication error.'", "responseCode = 2303\nerrors_0_message = 'Param \"hostname\" value doesn't exist.'", "", "429"},
	"directnic":  {`{"result":"success","message":"Your record was updated successfully"}`, "", "401", `{"result":"error","message":"x"}`, "", "429"},
	"dnsever":    {`<?xml version="1.0" encoding="utf-8"?><dnsever><result type="update" code="701" numOfSuccess="1" numOfFailure="0" msg="DDNS update success"></result></dnsever>`, "", `<dnsever><result type="update" code="103" msg="Login Failed"></result></dnsever>`, `<dnsever><result type="update" code="304" msg="DDNS not registered or Not Your Domain"></result></dnsever>`, "", `<dnsever><result type="update" code="320" msg="Too Many updates sent"></result></dnsever>`},
	"dnsexit":    {`{"code" : 0, "message" : "Success - some details about the update"}`, `{"code":1,"message":"IP not changed"}`, `{"code":2,"message":"API Key Authentication Error"}`, `{"code":3,"message":"x"}`, "", "429"},
	"dnsme":      {"success", "error-record-ip-same", "error-auth", "error-record-invalid", "", "429"},
	"204":        {"204", "", "401", "404", "", "429"},
	"dondominio": {`{"success":true,"messages":["$h: ok"]}`, "", "401", `{"success":false,"messages":["x"]}`, "", "429"},
	"duia":       {"<html>Hostname $h updated</html>", "", "<html>wrong password</html>", "<html>error</html>", "", "429"},
	"dynadot":    {`{"status":"success"}`, "", `{"status":"error","error_code":-1,"content":["Incorrect password"]}`, `{"status":"error","error_code":-1,"content":["invalid domain"]}`, "", "429"},
	"dynv6":      {"addresses updated", "addresses unchanged", "401 invalid authentication token", "404 zone not found", "", "429"},
	"easydns":    {`<HTML><BODY><FONT FACE="sans-serif" SIZE="-1">OK<br /><hr noshade size="1">$h updated to $4<br /></FONT></BODY></HTML>`, `<HTML><BODY><FONT FACE="sans-serif" SIZE="-1">OK<br /><hr noshade size="1">no update required for $h to $4<br /></FONT></BODY></HTML>`, `<HTML><BODY><FONT FACE="sans-serif" SIZE="-1">NO_AUTH<br /><hr noshade size="1">x<br /></FONT></BODY></HTML>`, `<HTML><BODY><FONT FACE="sans-serif" SIZE="-1">NO_SERVICE<br /><hr noshade size="1">An invalid hostname was provided: $h<br /></FONT></BODY></HTML>`, "", `<HTML><BODY><FONT FACE="sans-serif" SIZE="-1">TOO_FREQ<br /><hr noshade size="1">x<br /></FONT></BODY></HTML>`},
	"enom":       {"<?xml version=\"1.0\"?>\n<interface-response>\n<ErrCount>0</ErrCount>\n</interface-response>", "", "<interface-response><ErrCount>1</ErrCount><Err1>Passwords do not match</Err1><ResponseNumber>304156</ResponseNumber></interface-response>", "<interface-response><ErrCount>1</ErrCount><Err1>Domain name not found</Err1><ResponseNumber>316153</ResponseNumber></interface-response>", "", "429"},
	"namecheap":  {"<?xml version=\"1.0\"?>\n<interface-response>\n<Command>SETDNSHOST</Command>\n<IP>$4</IP>\n<ErrCount>0</ErrCount>\n<Done>true</Done>\n</interface-response>", "", "<interface-response><ErrCount>1</ErrCount><ResponseNumber>304156</ResponseNumber></interface-response>", "<interface-response><ErrCount>1</ErrCount><errors><Err1>No Records updated. A record not Found;</Err1></errors><ResponseNumber>380091</ResponseNumber></interface-response>", "", "429"},
	"afraid":     {"Updated $h from 198.51.100.9 to $4", "No IP change detected for $h with IP $4, skipping update", "401", "ERROR: Unable to locate this record", "", "429"},
	"afraid1":    {"Updated $h to $4 from 198.51.100.9 in 0.1 seconds", "ERROR: Address $4 has not changed.", "401", "ERROR: Unable to locate this record", "", "429"},
	"freemyip":   {"OK", "", "401", "ERROR", "", "429"},
	"goip":       {"$h ($4)", "", "Zugriff verweigert", "404", "", "429"},
	"ionos":      {"200", "", "401 [{\"code\":\"UNAUTHORIZED\"}]", "404", "", "429"},
	"ipnodns":    {"200", "", "401", "404", "", "429"},
	"ipv64":      {`{"info":"good","status":"success","domain":"$h"}`, `{"info":"nochg","status":"success"}`, `401 {"info":"badauth"}`, `{"info":"nohost"}`, `{"info":"abuse"}`, `{"info":"Updater Overcommited"}`},
	"keysys":     {"[RESPONSE]\ncode = 200\ndescription = Command completed successfully\nEOF", "", "[RESPONSE]\ncode = 530\ndescription = invalid password", "[RESPONSE]\ncode = 545\ndescription = Authorization failed", "", "[RESPONSE]\ncode = 549\ndescription = abuse prevention triggered"},
	"mydnsjp":    {"<html><head><title>Free Dynamic DNS</title></head><body>login_status = 1<BR>\nLogin and IP address notify OK.<BR></body></html>", "", "<html><body>login_status = 0</body></html>", "404", "", "429"},
	"mythic":     {`{"message":"1 records updated"}`, "", `401 {"error":"Authentication failed"}`, `404 {"error":"not found"}`, "", "429"},
	"mythic1":    {"REPLACE $h 60 A $4", "", "401", "NREPLACE $h 60 A $4; no such name", "", "429"},
	"njalla":     {`{"status": 200, "message": "record updated", "value": {"A": "$4"}}`, "", `401 {"status": 401, "message": "invalid host or key"}`, `{"status": 500, "message": "invalid data"}`, "", "429"},
	"regfish":    {"success|100|update succeeded!", "success|101|no update needed", "failed|401|access forbidden", "failed|412|ip is not valid", "", "failed|429|too many requests"},
	"sitelut":    {"success", "", "noauth", "nodomain", "", "429"},
	"systemns":   {`{"code": 0, "msg": "ok"}`, "", `{"code": 2, "msg": "x"}`, `{"code": 3, "msg": "x"}`, "", "429"},
	"value":      {"status=0\nOK", "", "status=2\nInvalid Domain and Password", "status=3\nInvalid IP", "", "status=8\ntoo often"},
	"xpert":      {"Update Successful - Effected Records: 1", "Update Successful - Effected Records: 0", "Update Failed - user name or password incorrect", "Update Failed - check your DynID", "", "429"},
	"ydns":       {"good", "nochg", "401", "404", "", "429"},
	"zoneedit":   {`<SUCCESS CODE="200" TEXT="$h updated to $4" ZONE="$d">`, `<ERROR CODE="707" TEXT="Duplicate updates for the same host/ip, adjust client settings" ZONE="$d">`, `<ERROR CODE="708" TEXT="Failed Login: user" ZONE="$d">`, `<ERROR CODE="709" TEXT="Invalid hostname" ZONE="$d">`, "", `<ERROR CODE="702" TEXT="Minimum 600 seconds between requests" ZONE="$d">`},
	"monny":      {"good $4", "", "401", "error: no such hostname", "", "429"},
}

// templateRows are the services, a line each: name | method and URLs | parameters of every
// request | of IPv4 | of IPv6 | of both | Authorization | dialect. "-" is: not taken, or none.
// $h is the hostname, $o its first label, $d the domain, $4 and $6 the addresses, $u, $p, $t,
// $s, $i and $n the account's username, password, token, second token, record number, network.
const templateRows = `
1984 | https://api.1984.is/1.0/freedns/ | apikey=$t&domain=$h | ip=$4 | - | - | - | 1984
3322 | http://members.3322.net/dyndns/update | hostname=$h | myip=$4 | - | - | basic | dyndns2
addrtools | https://dyn.addr.tools/ | secret=$t | ip=$4 | ip=$6 | - | - | ok-only
allinkl | https://dyndns.kasserver.com/ | | myip=$4 | myip6=$6 | myip=$4&myip6=$6 | basic | dyndns2
apertodns | https://api.apertodns.com/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
apertodns-token | https://api.apertodns.com/nic/update | hostname=$h | myip=$4 | myip=$6 | - | $t:$t | dyndns2
cdmon | https://dinamico.cdmon.org/onlineService.php | enctype=MD5&n=$u&p=$p | cip=$4 | - | - | - | cdmon
changeip | https://nic.changeip.com/nic/update | hostname=$h | ip=$4 | - | - | basic | changeip
cloudns | https://ipv4.cloudns.net/api/dynamicURL/ https://ipv6.cloudns.net/api/dynamicURL/ | | q=$t&ip=$4 | q=$s&ip=$6 | - | - | cloudns
core-networks | https://dyndns.core-networks.de/ | hostname=$h | myip=$4&keepipv6=1 | myip=$6&keepipv4=1 | - | basic | dyndns2
creoline | https://api.creoline.com/dyndns/update/ | domain=$h | ipv4=$4 | - | - | basic | any
ddnsfm | https://api.ddns.fm/update | key=$t&domain=$h | myip=$4 | myip=$6 | - | - | any
ddnss | https://www.ddnss.de/upd.php | user=$u&pwd=$p&host=$h | ip=$4 | ip6=$6 | ip=$4&ip6=$6 | - | ddnss
ddojp | https://free.ddo.jp/dnsupdate.php | dn=$o&pw=$p | ip=$4 | - | - | - | ddojp
dedyn | https://update.dedyn.io/ | hostname=$h | myipv4=$4&myipv6=preserve | myipv6=$6&myipv4=preserve | myipv4=$4&myipv6=$6 | Token $t | echo
dhis | https://is.dhis.org/update/ https://is6.dhis.org/update/ | updatetimeout=0 | IPAddr=$4 | IPAddr=$6 | - | $h:$p | any
dinahosting | https://dinahosting.com/special/api.php | hostname=$o&domain=$d | command=Domain_Zone_UpdateTypeA&ip=$4 | command=Domain_Zone_UpdateTypeAAAA&ip=$6 | - | basic | dinahost
directnic | https://directnic.com/dns/gateway/$t/ https://directnic.com/dns/gateway/$s/ | | data=$4 | data=$6 | - | - | directnic
dnsever | https://dyna.dnsever.com/update.php | | host[$h]=$4 | - | - | basic | dnsever
dnsexit | https://api.dnsexit.com/dns/ud/ | apikey=$t&host=$h | ip=$4 | ip=$6 | - | - | dnsexit
dnshome | https://www.dnshome.de/dyndns.php | hostname=$h | ip=$4 | ip6=$6 | ip=$4&ip6=$6 | basic | dyndns2
dnsmadeeasy | https://cp.dnsmadeeasy.com/servlet/updateip | username=$u&password=$p&id=$i | ip=$4 | - | - | - | dnsme
dnsomatic | https://updates.dnsomatic.com/nic/update | hostname=$h&wildcard=NOCHG&mx=NOCHG&backmx=NOCHG | myip=$4 | - | - | basic | dyndns2
dode | https://ddns.do.de/ | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
domeneshop-ddns | https://api.domeneshop.no/v0/dyndns/update | hostname=$h | myip=$4 | myip=$6 | myip=$4,$6 | basic | 204
domopoli | https://dyndns.domopoli.de/nic/update | hostname=$h | myip=$4 | - | - | basic | dyndns2
dondominio | https://dondns.dondominio.com/json/ | user=$u&apikey=$t&host=$h | ip=$4 | - | - | - | dondominio
duiadns | https://ipv4.duiadns.net/dynamic.duia https://ipv6.duiadns.net/dynamic.duia https://ipv4.duiadns.net/dynamic.duia | host=$h&password=$p | ip4=$4 | ip6=$6 | ip4=$4&ip6=$6 | - | duia
dyfi | https://www.dy.fi/nic/update | hostname=$h | | - | - | basic | dyndns2
dyn | https://members.dyndns.org/v3/update | hostname=$h | myip=$4 | myip=$6 | myip=$4,$6 | basic | dyndns2
dynadot | https://www.dynadot.com/set_ddns | containRoot=false&domain=$d&subDomain=$o&pwd=$p&ttl=300 | type=A&ip=$4 | type=AAAA&ip=$6 | - | - | dynadot
dyndns-it | https://update.dyndns.it/nic/update | system=dyndns&hostname=$h | myip=$4 | - | - | basic | dyndns2
dynrs | https://dyn.rs/v3/update | hostname=$h | myip=$4 | - | - | basic | dyndns2
dynu | https://api.dynu.com/nic/update | hostname=$h | myip=$4&myipv6=no | myip=no&myipv6=$6 | myip=$4&myipv6=$6 | basic | dyndns2
dynv6 | https://dynv6.com/api/update | zone=$h&token=$t | ipv4=$4 | ipv6=$6 | ipv4=$4&ipv6=$6 | - | dynv6
easydns | https://api.cp.easydns.com/dyn/generic.php | hostname=$h | myip=$4 | myip=$6 | - | basic | easydns
enom | https://dynamic.name-services.com/interface.asp | Command=SetDNSHost&ResponseType=XML&HostName=$o&Zone=$d&DomainPassword=$p | Address=$4 | - | - | - | enom
entrydns | https://entrydns.net/records/modify/$t | | ip=$4 | - | - | - | any
eurodns | https://update.eurodyndns.org/update/ | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
freedns | https://sync.afraid.org/u/ https://v6.sync.afraid.org/u/ | h=$h | ip=$4 | ip=$6 | - | basic | afraid
freedns-key | https://freedns.afraid.org/dynamic/update.php | $t= | address=$4 | address=$6 | - | - | afraid1
freedns-token | https://sync.afraid.org/u/$t/ https://v6.sync.afraid.org/u/$s/ | | address=$4 | address=$6 | - | - | afraid
freedyn | https://ipv4.api.freedyn.de/nic/update | hostname=$h | myip=$4 | myip2=$6 | myip=$4&myip2=$6 | basic | dyndns2
freemyip | https://freemyip.com/update | token=$t&domain=$h | myip=$4 | myip=$6 | - | - | freemyip
gigahost | https://api.gigahost.no/api/v0/dns/dyndns | hostname=$h | myip=$4 | myipv6=$6 | myip=$4&myipv6=$6 | basic | dyndns2
gigahost-key | https://api.gigahost.no/api/v0/dns/dyndns | hostname=$h | myip=$4 | myipv6=$6 | myip=$4&myipv6=$6 | Bearer $t | dyndns2
gira | https://homeserver.gira.de/hsdyndns.php | u=$u&p=$p | ip=$4 | ip=$6 | - | - | ok
goip | https://www.goip.de/setip | username=$u&password=$p&subdomain=$h&shortResponse=true | ip=$4 | ip6=$6 | - | - | goip
he | https://dyn.dns.he.net/nic/update | hostname=$h | myip=$4 | myip=$6 | - | $h:$p | dyndns2
hostingde | https://ddns.hosting.de/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
infomaniak-ddns | https://infomaniak.com/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | infomaniak
inwx-dyndns | https://dyndns.inwx.com/nic/update | | myip=$4 | myipv6=$6 | myip=$4&myipv6=$6 | basic | dyndns2
ionos-dyndns | https://ipv4.api.hosting.ionos.com/dns/v1/dyndns | q=$t | ipv4=$4 | ipv6=$6 | ipv4=$4&ipv6=$6 | - | ionos
ipnodns | https://ipnodns.ru/api/v1/update/$u/$p | | address=$4 | - | - | - | ipnodns
ipv64 | https://ipv64.net/nic/update | domain=$h | ip=$4 | ip6=$6 | ip=$4&ip6=$6 | Bearer $t | ipv64
itsdns | https://www.itsdns.de/update.php | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
joker | https://svc.joker.com/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
keysystems | https://dynamicdns.key-systems.net/update.php | hostname=$h&password=$p | ip=$4 | - | - | - | keysys
lightningwirelabs | https://dns.lightningwirelabs.com/update | hostname=$h&token=$t | address4=$4 | address6=$6 | address4=$4&address6=$6 | - | any
loopia | https://dyndns.loopia.se/ | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
luadns-ddns | https://app.luadns.com/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
mayddns | https://mayddns.com/nic/update | hostname=$h | myip=$4 | - | - | basic | mayddns
monny | https://dyndns.monny.cloud/nic/update | hostname=$h | myip=$4 | - | - | basic | monny
myaddr | https://myaddr.tools/update | key=$t | ip=$4 | ip=$6 | - | - | myaddr
mydnsjp | https://www.mydns.jp/directip.html | MID=$u&PWD=$p | IPV4ADDR=$4 | IPV6ADDR=$6 | IPV4ADDR=$4&IPV6ADDR=$6 | - | mydnsjp
myonlineportal | https://myonlineportal.net/updateddns | hostname=$h | ip=$4 | ip6=$6 | ip=$4&ip6=$6 | basic | dyndns2
mythicbeasts | POST https://ipv4.api.mythic-beasts.com/dns/v2/dynamic/$h https://ipv6.api.mythic-beasts.com/dns/v2/dynamic/$h | | | | - | basic | mythic
mythicbeasts-v1 | https://dnsapi.mythic-beasts.com/ | domain=$d&password=$p&origin=. | command=REPLACE $h 60 A $4 | command=REPLACE $h 60 AAAA $6 | - | - | mythic1
namecheap | https://dynamicdns.park-your-domain.com/update | host=$o&domain=$d&password=$p | ip=$4 | - | - | - | namecheap
nicru | https://api.nic.ru/dyndns/update | hostname=$h | myip=$4 | - | myip=$4&ipv6=$6 | basic | nicru
njalla-ddns | https://njal.la/update/ | h=$h&k=$t | a=$4 | aaaa=$6 | a=$4&aaaa=$6 | - | njalla
no-ip-pl | https://update.no-ip.pl/ | hostname=$h | | | - | basic | any
noip | https://dynupdate.no-ip.com/nic/update | hostname=$h | myip=$4 | myip=$6 | myip=$4,$6 | basic | noip
nowdns | https://now-dns.com/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
nsupdateinfo | https://ipv4.nsupdate.info/nic/update https://ipv6.nsupdate.info/nic/update | hostname=$h | myip=$4 | myip=$6 | - | $h:$p | dyndns2
opendns | https://updates.opendns.com/nic/update | hostname=$n | myip=$4 | - | - | basic | opendns
oray | https://ddns.oray.com/ph/update | hostname=$h | myip=$4 | - | - | basic | oray
ovh-dynhost | https://dns.eu.ovhapis.com/nic/update | system=dyndns&hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
regfish | https://dyndns.regfish.de/ | fqdn=$h&forcehost=1&authtype=secure&token=$t | ipv4=$4 | ipv6=$6 | ipv4=$4&ipv6=$6 | - | regfish
schokokeks | https://dyndns.schokokeks.org/nic/update | | myip=$4 | - | - | basic | dyndns2
selfhost | https://carol.selfhost.de/nic/update | hostname=1 | myip=$4 | myip=$6 | - | basic | dyndns2
servercow | https://www.servercow.de/dnsupdate/update.php | username=$u&pass=$p&hostname=$h | ipaddr=$4 | ipaddr=$6 | - | - | servercow
simply-ddns | https://dyndns.simply.com/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
sitelutions | https://api2.sitelutions.com/dnsup | user=$u&pass=$p&id=$i | ip=$4 | - | - | - | sitelut
spdyn | https://update.spdyn.de/nic/update | hostname=$h | myip=$4 | myip=$6 | myip=$4,$6 | basic | dyndns2
strato | https://dyndns.strato.com/nic/update | hostname=$h | myip=$4 | myip=$6 | myip=$4,$6 | basic | dyndns2
systemns | https://system-ns.com/api | type=dynamic&command=set&domain=$h&token=$t | ip=$4 | - | - | - | systemns
tiggerswelt | https://ssl.tiggerswelt.net/nic/update | hostname=$h | myip=$4 | - | - | basic | dyndns2
tunnelbroker | https://ipv4.tunnelbroker.net/nic/update | hostname=$i | myip=$4 | - | - | basic | dyndns2
twodns | https://update.twodns.de/update | hostname=$h | ip=$4 | - | - | basic | dyndns2
udmedia | https://www.udmedia.de/nic/update | | myip=$4 | myip=$6 | - | basic | dyndns2
updatedip | https://members.updatedip.com/nic/update | hostname=$h | myip=$4 | - | - | basic | dyndns2
variomedia | https://dyndns.variomedia.de/nic/update | hostname=$h | myip=$4 | myip=$6 | myip=$4,$6 | basic | dyndns2
visualdns | https://www.visualdns.net/nic/update | hostname=$h | myip=$4 | - | - | basic | echo
websupport | https://dyndns.websupport.sk/nic/update | hostname=$h | myip=$4 | myip=$6 | - | basic | dyndns2
xlhost | https://nsupdate.xlhost.de/nic/update | hostname=$h | myip=$4 | - | - | basic | dyndns2
xpertdns | https://www.xpertdns.com/dyndnsupdate.php | dynid=$i&uname=$u&password=$p | ip=$4 | - | - | - | xpert
ydns | https://ydns.io/api/v1/update/ | host=$h | ip=$4 | ip=$6 | - | basic | ydns
zoneedit | https://dynamic.zoneedit.com/auth/dynamic.html | host=$h | dnsto=$4 | - | - | basic | zoneedit
`
